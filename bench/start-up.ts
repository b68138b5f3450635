/** From the spawn of the process to its first answer. */
import { join } from "node:path"
import { development, newMasterKey, production } from "./grantry-environment.ts"
import type { Report, Row } from "./report.ts"
import { inScratchFolder } from "./scratch-folder.ts"
import { type ChildServer, startBare, startGrantry } from "./servers/child-server.ts"
import { spread, summarize } from "./statistics.ts"

const targetMs = 600
const rounds = 5

type Environment = Readonly<Record<string, string>>

interface Times {
  readonly bare: number[]
  readonly empty: number[]
  readonly existing: number[]
}

export async function measureStartUp(): Promise<Report> {
  const masterKey = newMasterKey()
  const inProduction = await measureMode((dataDir) => production(dataDir, masterKey))
  const inDevelopment = await measureMode(development)
  const first = await measureFirstStarts((dataDir) => production(dataDir, masterKey))
  const rows = [
    startRow("production, sandbox off, empty data folder", inProduction.empty, inProduction.bare),
    startRow("production, sandbox off, existing data folder", inProduction.existing, inProduction.bare),
    startRow("development, sandbox on, empty data folder", inDevelopment.empty, inDevelopment.bare),
    startRow("development, sandbox on, existing data folder", inDevelopment.existing, inDevelopment.bare),
    startRow("the first of all, nothing compiled yet", first.ours, first.bare),
  ]
  return {
    rows,
    notes: [
      `${rounds} rounds, in turn with a bare node:http server; medians, with the least and the most in brackets`,
    ],
  }
}

async function measureMode(environment: (dataDir: string) => Environment): Promise<Times> {
  const times: Times = { bare: [], empty: [], existing: [] }
  // Leaves behind what every later start finds: the cache of compiled code.
  await inScratchFolder((dataDir) => grantry(environment(dataDir)))
  for (let round = 0; round < rounds; round += 1) {
    times.bare.push(await bare())
    await inScratchFolder(async (dataDir) => {
      times.empty.push(await grantry(environment(dataDir)))
      times.existing.push(await grantry(environment(dataDir)))
    })
  }
  return times
}

async function measureFirstStarts(environment: (dataDir: string) => Environment) {
  const times = { bare: [] as number[], ours: [] as number[] }
  for (let round = 0; round < rounds; round += 1) {
    times.bare.push(await bare())
    await inScratchFolder(async (dataDir) => {
      const env = { ...environment(dataDir), NODE_COMPILE_CACHE: join(dataDir, "compiled") }
      times.ours.push(await grantry(env))
    })
  }
  return times
}

const bare = (): Promise<number> => timeToFirstAnswer(() => startBare({ env: {}, measured: false }))
const grantry = (env: Environment): Promise<number> =>
  timeToFirstAnswer(() => startGrantry({ env, measured: false }))

/** Starts, asks once, stops. @returns milliseconds from the spawn to the whole answer */
async function timeToFirstAnswer(start: () => Promise<ChildServer>): Promise<number> {
  const startedAt = performance.now()
  const server = await start()
  try {
    const answer = await fetch(`http://127.0.0.1:${server.port}/healthz`)
    await answer.text()
    if (answer.status !== 200) throw new Error(`/healthz answered ${answer.status}`)
    return performance.now() - startedAt
  } finally {
    await server.stop()
  }
}

function startRow(what: string, oursMs: readonly number[], bareMs: readonly number[]): Row {
  const ours = summarize(oursMs)
  const theirs = summarize(bareMs)
  return {
    what: `start to first answer: ${what}`,
    target: `≤ ${targetMs} ms`,
    measured: `${spread(ours, 0)} ms against ${spread(theirs, 0)} ms`,
    ratio: `${(ours.median / theirs.median).toFixed(1)} × bare`,
    met: ours.median <= targetMs,
  }
}
