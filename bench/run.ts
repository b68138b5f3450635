/** `npm run bench`: every measure in turn, one line each. `-- --only token-read` runs one of them. */
import { parseArgs } from "node:util"
import { measureIdleMemory } from "./idle-memory.ts"
import { printReport, type Report } from "./report.ts"
import { measureSdkSize, targetBytes } from "./sdk-size.ts"
import { measureStartUp } from "./start-up.ts"
import { measureTokenRead } from "./token-read.ts"

const measures: Readonly<Record<string, () => Promise<Report>>> = {
  "sdk-size": reportSdkSize,
  "start-up": measureStartUp,
  "idle-memory": measureIdleMemory,
  "token-read": measureTokenRead,
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
  const { values } = parseArgs({ options: { only: { type: "string", multiple: true } } })
  const names = values.only ?? Object.keys(measures)
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
