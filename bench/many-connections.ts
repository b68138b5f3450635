/** Whether a token read stays as fast when there are a thousand times as many connections. */
import { type DatabaseKind, onDatabase } from "./databases.ts"
import { newMasterKey, production } from "./grantry-environment.ts"
import { type Load, startLoad } from "./load/load.ts"
import type { Report, Row } from "./report.ts"
import { seed } from "./seed.ts"
import { type ChildServer, startGrantry } from "./servers/child-server.ts"
import { spread, summarize } from "./statistics.ts"
import { checkAnswers, latency, requestText } from "./token-read.ts"

const few = 1_000
/** Enough that no cache holds them. */
const asked = 50_000
const types = ["dropbox", "github", "gmail", "googlecalendar", "notion", "salesforce", "slack", "slackbot"]
const rounds = 5
const perSecond = 500
const targetRatio = 1.3

interface Side {
  readonly server: ChildServer
  readonly load: Load
}

/** @param many how many connections the large database has */
export async function measureManyConnections(many: number): Promise<Report> {
  const reports = [await compareSizes("SQLite", many), await compareSizes("PostgreSQL", many)]
  return { rows: reports.flatMap(({ rows }) => rows), notes: reports.flatMap(({ notes }) => notes) }
}

async function compareSizes(kind: DatabaseKind, many: number): Promise<Report> {
  const startedAt = performance.now()
  return withSide(kind, few, (small) =>
    withSide(kind, many, async (large) => {
      const seededS = (performance.now() - startedAt) / 1000
      const found: { readonly small: number; readonly large: number }[] = []
      for (const side of [small, large]) await latency(side.server, side.load, perSecond)
      for (let round = 0; round < rounds; round += 1) {
        const ofSmall = await latency(small.server, small.load, perSecond)
        const ofLarge = await latency(large.server, large.load, perSecond)
        found.push({ small: ofSmall.p99Ms, large: ofLarge.p99Ms })
      }
      return { rows: [row(kind, many, found)], notes: [`${kind}: seeded in ${seededS.toFixed(0)} s`] }
    }),
  )
}

function row(kind: DatabaseKind, many: number, found: readonly { small: number; large: number }[]): Row {
  const small = summarize(found.map((pair) => pair.small))
  const large = summarize(found.map((pair) => pair.large))
  const ratio = summarize(found.map((pair) => pair.large / pair.small))
  return {
    what: `token read, ${kind}, ${many.toLocaleString("en")} connections against ${few.toLocaleString("en")}, at ${perSecond} requests/s: p99`,
    target: `≤ ${targetRatio} ×`,
    measured: `${spread(large, 2)} ms against ${spread(small, 2)} ms`,
    ratio: `${spread(ratio, 2)} ×`,
    met: ratio.median <= targetRatio,
  }
}

async function withSide<T>(kind: DatabaseKind, count: number, work: (side: Side) => Promise<T>): Promise<T> {
  return onDatabase(kind, async ({ dataDir, url }) => {
    const masterKey = newMasterKey()
    const plan = { workspaces: 1, appsPerWorkspace: Math.ceil(count / types.length), types }
    const seeded = await seed(url, masterKey, plan, asked)
    const env = { ...production(dataDir, masterKey), GRANTRY_DATABASE_URL: url }
    const server = await startGrantry({ env, measured: true })
    try {
      await checkAnswers(server.port, seeded)
      const load = startLoad(seeded.map(requestText))
      try {
        return await work({ server, load })
      } finally {
        await load.close()
      }
    } finally {
      await server.stop()
    }
  })
}
