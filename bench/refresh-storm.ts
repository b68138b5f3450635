/** Everything is due at once: how fast it is worked off, how exactly, and what token reads notice of it. */
import { setTimeout as pause } from "node:timers/promises"
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
/** Of an access token, half of which is over when its refresh becomes due. */
const hourMs = 3_600_000

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
    const world = await startFaultWorld({ databaseUrl: url, count: replicas, env })
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
  const apps = await world.connect(due)
  world.provider.latencyMs = 50
  const load = startLoad(apps.map(request))
  try {
    const port = Number(new URL(world.one.url).port)
    await latency({ port }, load, readsPerSecond)
    const quiet = await latency({ port }, load, readsPerSecond)
    const startedAt = performance.now()
    await world.moveClock(hourMs / 2 + 1_000)
    const busy = await latency({ port }, load, readsPerSecond)
    const drainedMs = await drained(world, due, startedAt)
    await pause(2_000)
    return report(world, due, { quietMs: quiet.p99Ms, busyMs: busy.p99Ms, drainedMs })
  } finally {
    await load.close()
  }
}

function request({ id, serviceKey }: ConnectedApp): string {
  return requestText({ appId: id, serviceKey, type: faultType, accessToken: "" })
}

async function drained(world: FaultWorld, due: number, startedAt: number): Promise<number> {
  const atMost = ((due / (ratePerReplica * replicas)) * 1000 + 5_000) * 3
  while (world.provider.refreshes.length < due) {
    if (performance.now() - startedAt > atMost) throw new Error("the storm does not end")
    await pause(20)
  }
  return performance.now() - startedAt
}

interface Seen {
  readonly quietMs: number
  readonly busyMs: number
  readonly drainedMs: number
}

function report(world: FaultWorld, due: number, { busyMs, drainedMs, quietMs }: Seen): Report {
  const perSecond = (due * 1000) / drainedMs
  const share = perSecond / (ratePerReplica * replicas)
  const slower = busyMs / quietMs
  const what = `${due.toLocaleString("en")} due at once, two replicas`
  return {
    rows: [
      {
        what: `${what}: provider calls`,
        target: `exactly ${due.toLocaleString("en")}`,
        measured: `${world.provider.asked.toLocaleString("en")}`,
        ratio: "",
        met: world.provider.asked === due && world.provider.overlaps.length === 0,
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
    notes: ["a second passes until the replicas look for what is due; it counts"],
  }
}
