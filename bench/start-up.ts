/** From the spawn of the process to its first answer, and what it holds in memory when it does nothing. */
import { setTimeout as pause } from "node:timers/promises"
import { development, newMasterKey, production } from "./grantry-environment.ts"
import type { Report, Row } from "./report.ts"
import { inScratchFolder } from "./scratch-folder.ts"
import { seed } from "./seed.ts"
import { type ChildServer, startBare, startGrantry } from "./servers/child-server.ts"
import { spread, type Summary, summarize } from "./statistics.ts"

const startTargetMs = 600
const rssTargetMb = 120
const rounds = 5
const idleMs = 3_000
/** Between a database of 10,000 connections and an empty one: what two starts of the same server differ by. */
const rssNoiseMb = 8

type Environment = Readonly<Record<string, string>>
type Start = () => Promise<ChildServer>

/** Starts, asks once, stops. @returns milliseconds from the spawn to the whole answer */
async function timeToFirstAnswer(start: Start): Promise<number> {
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

export async function measureStartUp(): Promise<Report> {
  const masterKey = newMasterKey()
  const modes: readonly [string, (dataDir: string) => Environment][] = [
    ["production, sandbox off", (dataDir) => production(dataDir, masterKey)],
    ["development, sandbox on", development],
  ]
  const rows: Row[] = []
  for (const [mode, environment] of modes) rows.push(...(await measureMode(mode, environment)))
  return { rows, notes: [`${rounds} rounds, in turn with a bare node:http server; medians, with the least and the most in brackets`] }
}

async function measureMode(mode: string, environment: (dataDir: string) => Environment): Promise<readonly Row[]> {
  const bareMs: number[] = []
  const emptyMs: number[] = []
  const existingMs: number[] = []
  for (let round = 0; round < rounds; round += 1) {
    bareMs.push(await timeToFirstAnswer(() => startBare({ env: {}, measured: false })))
    await inScratchFolder(async (dataDir) => {
      const env = environment(dataDir)
      emptyMs.push(await timeToFirstAnswer(() => startGrantry({ env, measured: false })))
      existingMs.push(await timeToFirstAnswer(() => startGrantry({ env, measured: false })))
    })
  }
  const bare = summarize(bareMs)
  return [startRow(`empty data folder, ${mode}`, summarize(emptyMs), bare), startRow(`existing data folder, ${mode}`, summarize(existingMs), bare)]
}

function startRow(what: string, ours: Summary, bare: Summary): Row {
  return {
    what: `start to first answer: ${what}`,
    target: `≤ ${startTargetMs} ms`,
    measured: `${spread(ours, 0)} ms against ${spread(bare, 0)} ms`,
    ratio: `${(ours.median / bare.median).toFixed(1)} × bare`,
    met: ours.median <= startTargetMs,
  }
}

export async function measureIdleMemory(): Promise<Report> {
  const masterKey = newMasterKey()
  const bareMb = await idleMb(() => startBare({ env: {}, measured: true }))
  const inProduction = await inScratchFolder((dataDir) => idleMb(() => startGrantry({ env: production(dataDir, masterKey), measured: true })))
  const inDevelopment = await inScratchFolder((dataDir) => idleMb(() => startGrantry({ env: development(dataDir), measured: true })))
  const seeded = await inScratchFolder(async (dataDir) => {
    await seed(dataDir, masterKey, { workspaces: 10, appsPerWorkspace: 1_000, types: ["slack"] })
    return idleMb(() => startGrantry({ env: production(dataDir, masterKey), measured: true }))
  })
  const rows = [
    memoryRow("production, sandbox off", inProduction, bareMb),
    memoryRow("development, sandbox on", inDevelopment, bareMb),
    {
      what: "idle memory with 10,000 connections in the database",
      target: `within ${rssNoiseMb} MB of an empty one`,
      measured: `${seeded.toFixed(1)} MB against ${inProduction.toFixed(1)} MB`,
      ratio: `${(seeded / inProduction).toFixed(2)} × empty`,
      met: Math.abs(seeded - inProduction) <= rssNoiseMb,
    },
  ]
  return { rows, notes: [`resident set ${idleMs / 1000} s after the start, before any request but /healthz; a megabyte is 10^6 bytes`] }
}

async function idleMb(start: Start): Promise<number> {
  const server = await start()
  try {
    await (await fetch(`http://127.0.0.1:${server.port}/healthz`)).text()
    await pause(idleMs)
    return (await server.usage()).rssBytes / 1e6
  } finally {
    await server.stop()
  }
}

function memoryRow(mode: string, ours: number, bare: number): Row {
  return {
    what: `idle memory: ${mode}`,
    target: `≤ ${rssTargetMb} MB`,
    measured: `${ours.toFixed(1)} MB against ${bare.toFixed(1)} MB`,
    ratio: `${(ours / bare).toFixed(1)} × bare`,
    met: ours <= rssTargetMb,
  }
}
