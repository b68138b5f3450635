/** Everything is due at once: how fast it is worked off, how exactly, and what token reads notice of it. */
import { setTimeout as pause } from "node:timers/promises"
import pg from "pg"
import {
  type ConnectedApp,
  type FaultWorld,
  faultType,
  startFaultWorld,
} from "../tests/harness/fault-world.ts"
import { createDatabase, startPostgres } from "../tests/harness/postgres.ts"
import { startLoad } from "./load/load.ts"
import type { Report } from "./report.ts"
import { latency, requestText } from "./token-read.ts"

const ratePerReplica = 100
const replicas = 2
const readsPerSecond = 100
/** Worked off before anything is measured, until V8 has compiled what a refresh needs. */
const warmUpDue = 2_000
const quietMs = 10_000
/** Of an access token: when four fifths of it are over, its refresh is due in any case. */
const lifeMs = 3_600_000

/** @param due how many connections are due at once */
export async function measureRefreshStorm(due: number): Promise<Report> {
  const postgres = await startPostgres()
  try {
    const { url } = await createDatabase(postgres.url)
    const env = {
      GRANTRY_REFRESH_RATE: String(ratePerReplica * replicas),
      GRANTRY_LOG_LEVEL: "error",
      GRANTRY_PROVIDER_TIMEOUT_MS: "10000",
    }
    const world = await startFaultWorld({ databaseUrl: url, count: replicas, env, intervals: {} })
    try {
      return await measure(world, due)
    } finally {
      await world.destroy()
    }
  } finally {
    await postgres.destroy()
  }
}

async function measure(world: FaultWorld, due: number): Promise<Report> {
  world.provider.latencyMs = 50
  const warmUp = await world.connect(Math.min(due, warmUpDue))
  await storm(world, warmUp.length)
  const apps = [...warmUp, ...(await world.connect(due - warmUp.length))]
  await analyze(world.databaseUrl)
  const load = startLoad(apps.map(request))
  try {
    const port = Number(new URL(world.one.url).port)
    await latency({ port }, load, readsPerSecond, quietMs)
    const quiet = await latency({ port }, load, readsPerSecond, quietMs)
    const askedBefore = world.provider.asked
    const draining = storm(world, due)
    // As long as there is something to refresh, and not longer.
    const busyMs = Math.floor((due / (ratePerReplica * replicas)) * 900)
    const busy = await latency({ port }, load, readsPerSecond, busyMs)
    const drainedMs = await draining
    await pause(2_000)
    return report(world, due, {
      calls: world.provider.asked - askedBefore,
      quietMs: quiet.p99Ms,
      busyMs: busy.p99Ms,
      drainedMs,
    })
  } finally {
    await load.close()
  }
}

/** @returns how long it took */
async function storm(world: FaultWorld, due: number): Promise<number> {
  const startedAt = performance.now()
  const before = world.provider.refreshes.length
  await world.moveClock(0.8 * lifeMs + 1_000)
  const atMost = ((due / (ratePerReplica * replicas)) * 1000 + 5_000) * 3
  while (world.provider.refreshes.length - before < due) {
    if (performance.now() - startedAt > atMost) throw new Error("the storm does not end")
    await pause(20)
  }
  return performance.now() - startedAt
}

/** What PostgreSQL does by itself within a minute: it must not plan for tables that it takes to be empty. */
async function analyze(connectionString: string): Promise<void> {
  const client = new pg.Client({ connectionString })
  await client.connect()
  await client.query("analyze")
  await client.end()
}

function request({ id, serviceKey }: ConnectedApp): string {
  return requestText({ appId: id, serviceKey, type: faultType, accessToken: "" })
}

interface Seen {
  readonly calls: number
  readonly quietMs: number
  readonly busyMs: number
  readonly drainedMs: number
}

function report(world: FaultWorld, due: number, { busyMs, calls, drainedMs, quietMs }: Seen): Report {
  const perSecond = (due * 1000) / drainedMs
  const share = perSecond / (ratePerReplica * replicas)
  const slower = busyMs / quietMs
  const what = `${due.toLocaleString("en")} due at once, two replicas`
  return {
    rows: [
      {
        what: `${what}: provider calls`,
        target: `exactly ${due.toLocaleString("en")}`,
        measured: calls.toLocaleString("en"),
        ratio: "",
        met: calls === due && world.provider.overlaps.length === 0,
      },
      {
        what: `${what}: worked off`,
        target: "≥ 0.95 × the rate cap",
        measured: `${perSecond.toFixed(1)} a second of ${ratePerReplica * replicas}`,
        ratio: `${share.toFixed(2)} × the cap`,
        met: share >= 0.95,
      },
      {
        what: `${what}: p99 of token reads meanwhile, at ${readsPerSecond} requests/s`,
        target: "≤ 2 × quiet",
        measured: `${busyMs.toFixed(1)} ms against ${quietMs.toFixed(1)} ms`,
        ratio: `${slower.toFixed(2)} × quiet`,
        met: slower <= 2,
      },
    ],
    notes: [
      "a second passes until the replicas look for what is due; it counts",
      `worked off before it, to warm up: ${warmUpDue.toLocaleString("en")}; reads are measured all the while`,
    ],
  }
}
