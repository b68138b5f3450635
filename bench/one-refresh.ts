/** Two hundred callers of two replicas on one expired token: how many provider calls, and how long they wait. */
import { createDatabase, startPostgres } from "../tests/harness/postgres.ts"
import { type FaultWorld, startFaultWorld } from "../tests/harness/fault-world.ts"
import type { Report } from "./report.ts"
import { spread, summarize } from "./statistics.ts"

const callers = 200
const latencyMs = 300
const warmUps = 4
const rounds = 7
const targetBeyondMs = 100

export async function measureOneRefresh(): Promise<Report> {
  const postgres = await startPostgres()
  try {
    const { url } = await createDatabase(postgres.url)
    const env = { GRANTRY_PROVIDER_TIMEOUT_MS: "10000", GRANTRY_LOG_LEVEL: "error" }
    const world = await startFaultWorld({ databaseUrl: url, env, intervals: {} })
    try {
      return await measure(world)
    } finally {
      await world.destroy()
    }
  } finally {
    await postgres.destroy()
  }
}

async function measure(world: FaultWorld): Promise<Report> {
  const beyondMs: number[] = []
  const quietMs: number[] = []
  let calls = 0
  for (let round = 0; round < warmUps + rounds; round += 1) {
    const app = await world.connectOne()
    // The same callers on a living token: what the requests themselves cost here.
    const quiet = await askAll(world, app)
    await world.expire()
    world.provider.latencyMs = latencyMs
    const before = world.provider.asked
    const took = await askAll(world, app)
    world.provider.latencyMs = 0
    // Until V8 has compiled what is hot.
    if (round < warmUps) continue
    calls = Math.max(calls, world.provider.asked - before)
    quietMs.push(quiet)
    beyondMs.push(took - latencyMs)
  }
  const beyond = summarize(beyondMs)
  const added = summarize(beyondMs.map((ms, round) => ms - (quietMs[round] ?? 0)))
  return {
    rows: [
      {
        what: `${callers} callers on one expired token, two replicas: provider calls`,
        target: "exactly 1",
        measured: `at most ${calls} in ${rounds} rounds`,
        ratio: "",
        met: calls === 1,
      },
      {
        what: `the same: until the last of them is answered, beyond the provider's ${latencyMs} ms`,
        target: `≤ ${targetBeyondMs} ms`,
        measured: `${spread(beyond, 0)} ms; the same callers on a living token take ${spread(summarize(quietMs), 0)} ms`,
        ratio: `${spread(added, 0)} ms more than on a living token`,
        met: beyond.median <= targetBeyondMs,
      },
    ],
    notes: [
      "the callers are fetches of one process, which shares the machine with both replicas and PostgreSQL",
    ],
  }
}

async function askAll(world: FaultWorld, app: Parameters<FaultWorld["read"]>[0]): Promise<number> {
  const startedAt = performance.now()
  const answers = await Promise.all(
    Array.from({ length: callers }, (_, index) => world.read(app, index % 2 === 0 ? world.one : world.two)),
  )
  const tookMs = performance.now() - startedAt
  if (answers.some(({ status }) => status !== 200)) throw new Error("a caller got no token")
  return tookMs
}
