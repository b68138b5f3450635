/**
 * `npm run bench`: every measure in turn, one line each. `-- --only token-read` runs one of them; `--connections` and
 * `--storm` say how many connections the large database has and how many are due at once.
 */
import { parseArgs } from "node:util"
import { measureFairness } from "./fairness.ts"
import { measureIdleMemory } from "./idle-memory.ts"
import { measureManyConnections } from "./many-connections.ts"
import { measureOneRefresh } from "./one-refresh.ts"
import { measureRefreshStorm } from "./refresh-storm.ts"
import { printReport, type Report } from "./report.ts"
import { measureSdkSize, targetBytes } from "./sdk-size.ts"
import { measureStartUp } from "./start-up.ts"
import { measurePostgresTokenRead, measureTokenRead } from "./token-read.ts"

const { values: options } = parseArgs({
  options: {
    only: { type: "string", multiple: true },
    connections: { type: "string", default: "1000000" },
    storm: { type: "string", default: "5000" },
  },
})

const measures: Readonly<Record<string, () => Promise<Report>>> = {
  "sdk-size": reportSdkSize,
  "start-up": measureStartUp,
  "idle-memory": measureIdleMemory,
  "token-read": measureTokenRead,
  "token-read-postgres": measurePostgresTokenRead,
  "one-refresh": measureOneRefresh,
  "refresh-storm": () => measureRefreshStorm(count("storm")),
  fairness: measureFairness,
  "many-connections": () => measureManyConnections(count("connections")),
}

function count(option: "connections" | "storm"): number {
  const value = Number(options[option])
  if (!Number.isInteger(value) || value < 1) throw new Error(`--${option} must be a whole number`)
  return value
}

async function reportSdkSize(): Promise<Report> {
  const { gzipBytes, minifiedBytes, ratio } = await measureSdkSize()
  const row = {
    what: "SDK, what a page imports, minified and gzipped",
    target: `≤ ${targetBytes} bytes`,
    measured: `${gzipBytes} bytes (${minifiedBytes} minified)`,
    ratio: `${ratio.toFixed(2)} × target`,
    met: ratio <= 1,
  }
  return { rows: [row], notes: [] }
}

function chosen(): readonly string[] {
  const names = options.only ?? Object.keys(measures)
  const unknown = names.find((name) => !Object.hasOwn(measures, name))
  if (unknown !== undefined)
    throw new Error(`There is no measure "${unknown}". There are: ${Object.keys(measures).join(", ")}`)
  return names
}

let missed = 0
for (const name of chosen()) {
  console.log(`\n${name}`)
  const report = await measures[name]?.()
  if (!report) continue
  printReport(report)
  missed += report.rows.filter(({ met }) => met === false).length
}
console.log(missed === 0 ? "\nEvery target is met." : `\n${missed} of the targets missed.`)
process.exitCode = missed === 0 ? 0 : 1
