/** What a workspace notices of another one that sends ten times its limit, against one that keeps to it. */
import { onDatabase } from "./databases.ts"
import { newMasterKey, production } from "./grantry-environment.ts"
import { type Load, startLoad } from "./load/load.ts"
import type { Report } from "./report.ts"
import { type SeededConnection, seed } from "./seed.ts"
import { type ChildServer, startGrantry } from "./servers/child-server.ts"
import { spread, summarize } from "./statistics.ts"
import { type Latency, latency, requestText, saturated } from "./token-read.ts"

const limitPerSecond = 200
const othersPerSecond = 100
const appsPerWorkspace = 50
const rounds = 3
const noise = { connections: 16, durationMs: 3_500 }
const most = 2
/** Until V8 has compiled what is hot, answers cost several times what they cost later. */
const warmUpMs = 15_000

export function measureFairness(): Promise<Report> {
  return onDatabase("SQLite", async ({ dataDir, url }) => {
    const masterKey = newMasterKey()
    const plan = { workspaces: 2, appsPerWorkspace, types: ["slack"] }
    const seeded = await seed(url, masterKey, plan)
    const limits = { GRANTRY_RATE_LIMITS: `reads=${limitPerSecond}/s` }
    const env = { ...production(dataDir, masterKey), GRANTRY_DATABASE_URL: url, ...limits }
    const grantry = await startGrantry({ env, measured: true })
    const texts = (of: readonly SeededConnection[]) => of.map(requestText)
    const noisy = startLoad(texts(seeded.slice(0, appsPerWorkspace)), [200, 429])
    // Were one of these refused, the generator would give up.
    const other = startLoad(texts(seeded.slice(appsPerWorkspace)))
    try {
      return await compare(grantry, noisy, other)
    } finally {
      await noisy.close()
      await other.close()
      await grantry.stop()
    }
  })
}

/** Both generators run in both cases: on two cores each of them takes something from the server. */
async function compare(grantry: ChildServer, noisy: Load, other: Load): Promise<Report> {
  const beside = async (times: number): Promise<Latency> => {
    const target = { port: grantry.port, ...noise }
    const sending = noisy.run({ kind: "rate", target, perSecond: limitPerSecond * times })
    const seen = await latency(grantry, other, othersPerSecond)
    await sending
    return seen
  }
  await noisy.run({ kind: "saturate", target: { ...noise, port: grantry.port, durationMs: warmUpMs } })
  await beside(1)
  const pairs: { readonly quiet: Latency; readonly loud: Latency }[] = []
  for (let round = 0; round < rounds; round += 1)
    pairs.push({ quiet: await beside(1), loud: await beside(10) })
  const ratio = summarize(pairs.map(({ loud, quiet }) => loud.p99Ms / quiet.p99Ms))
  const ms = (values: readonly number[]) => spread(summarize(values), 2)
  const refused = await saturated(grantry, noisy)
  const refusal = {
    what: "CPU time of a token read that is refused because the limit is used up",
    target: null,
    measured: `${refused.cpuUs.toFixed(1)} µs`,
    ratio: "",
    met: null,
  }
  const row = {
    what: `a workspace at ten times its limit of ${limitPerSecond} reads/s: another's p99`,
    target: `≤ ${most} × beside one that keeps to it, and nothing refused`,
    measured: `${ms(pairs.map(({ loud }) => loud.p99Ms))} ms against ${ms(pairs.map(({ quiet }) => quiet.p99Ms))} ms`,
    ratio: `${spread(ratio, 2)} ×`,
    met: ratio.median <= most,
  }
  return { rows: [row, refusal], notes: [] }
}
