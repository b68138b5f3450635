/** What the process holds in memory when it does nothing. */
import { setTimeout as pause } from "node:timers/promises"
import { development, newMasterKey, production } from "./grantry-environment.ts"
import type { Report, Row } from "./report.ts"
import { inScratchFolder } from "./scratch-folder.ts"
import { databaseUrl, seed } from "./seed.ts"
import { type ChildServer, startBare, startGrantry } from "./servers/child-server.ts"

const targetMb = 120
const idleMs = 3_000
/** What two starts of the same server differ by. */
const noiseMb = 8

export async function measureIdleMemory(): Promise<Report> {
  const masterKey = newMasterKey()
  // Leaves behind what every later start finds: the cache of compiled code.
  await inScratchFolder(async (dataDir) =>
    (await startGrantry({ env: development(dataDir), measured: false })).stop(),
  )
  const bareMb = await idleMb(() => startBare({ env: {}, measured: true }))
  const ofProduction = (dataDir: string) =>
    idleMb(() => startGrantry({ env: production(dataDir, masterKey), measured: true }))
  const inProduction = await inScratchFolder(ofProduction)
  const inDevelopment = await inScratchFolder((dataDir) =>
    idleMb(() => startGrantry({ env: development(dataDir), measured: true })),
  )
  const full = await inScratchFolder(async (dataDir) => {
    await seed(databaseUrl(dataDir), masterKey, { workspaces: 10, appsPerWorkspace: 1_000, types: ["slack"] })
    return ofProduction(dataDir)
  })
  const rows = [
    memoryRow("production, sandbox off", inProduction, bareMb),
    memoryRow("development, sandbox on", inDevelopment, bareMb),
    independenceRow(full, inProduction),
  ]
  return {
    rows,
    notes: [
      `resident set ${idleMs / 1000} s after the start, before any request but /healthz; a megabyte is 10^6 bytes`,
    ],
  }
}

async function idleMb(start: () => Promise<ChildServer>): Promise<number> {
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
    target: `≤ ${targetMb} MB`,
    measured: `${ours.toFixed(1)} MB against ${bare.toFixed(1)} MB`,
    ratio: `${(ours / bare).toFixed(1)} × bare`,
    met: ours <= targetMb,
  }
}

function independenceRow(full: number, empty: number): Row {
  return {
    what: "idle memory with 10,000 connections in the database",
    target: `within ${noiseMb} MB of an empty one`,
    measured: `${full.toFixed(1)} MB against ${empty.toFixed(1)} MB`,
    ratio: `${(full / empty).toFixed(2)} × empty`,
    met: Math.abs(full - empty) <= noiseMb,
  }
}
