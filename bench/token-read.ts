/** One token read: throughput, CPU time and latency, each against a bare server that answers the same bytes. */
import { connectionColumns } from "../packages/server/src/storage/sql/connection-row.ts"
import { type DatabaseKind, onDatabase } from "./databases.ts"
import { newMasterKey, production } from "./grantry-environment.ts"
import { type Load, startLoad } from "./load/load.ts"
import type { Report, Row } from "./report.ts"
import { type SeededConnection, seed } from "./seed.ts"
import { type ChildServer, startBare, startGrantry, startSelect } from "./servers/child-server.ts"
import { quantile, spread, summarize } from "./statistics.ts"

/** 25 workspaces of 50 apps, each with a key of its own and a connection of each of eight types. */
const plan = {
  workspaces: 25,
  appsPerWorkspace: 50,
  types: ["dropbox", "github", "gmail", "googlecalendar", "notion", "salesforce", "slack", "slackbot"],
}
const rounds = 5
const roundMs = 4_000
/** Until V8 has compiled what is hot: on a slow machine the first ten seconds cost several times the later ones. */
const warmUpMs = 20_000
const connections = 64
const latencyRounds = 3
const latencyRoundMs = 3_000
const checked = 100

/** Whom the server is measured against, and what the ratio must be. */
interface Match {
  readonly what: string
  readonly other: string
  readonly target: number
  readonly requestsPerSecond: number
}

const onSqlite: Match = {
  what: "token read, SQLite, 10,000 connections at random",
  other: "bare",
  target: 0.45,
  // Far below what either server can do.
  requestsPerSecond: 4_000,
}

const onPostgres: Match = {
  what: "token read, PostgreSQL, 10,000 connections at random",
  other: "one prepared SELECT",
  target: 0.85,
  requestsPerSecond: 300,
}

export function measureTokenRead(): Promise<Report> {
  return measure("SQLite", onSqlite, (body) => startBare({ env: { BODY: body }, measured: true }))
}

export function measurePostgresTokenRead(): Promise<Report> {
  return measure("PostgreSQL", onPostgres, (body, url) =>
    startSelect({
      env: { BODY: body, DATABASE_URL: url, COLUMNS: connectionColumns.join(", ") },
      measured: true,
    }),
  )
}

async function measure(
  kind: DatabaseKind,
  match: Match,
  startOther: (body: string, url: string) => Promise<ChildServer>,
): Promise<Report> {
  return onDatabase(kind, async ({ dataDir, url }) => {
    const masterKey = newMasterKey()
    const seeded = await seed(url, masterKey, plan)
    const env = { ...production(dataDir, masterKey), GRANTRY_DATABASE_URL: url }
    const grantry = await startGrantry({ env, measured: true })
    try {
      const body = await checkAnswers(grantry.port, seeded)
      const bare = await startOther(body, url)
      const load = startLoad(seeded.map(requestText))
      try {
        return await compare({ grantry, bare, load, match })
      } finally {
        await load.close()
        await bare.stop()
      }
    } finally {
      await grantry.stop()
    }
  })
}

export function requestText({ appId, type, serviceKey }: SeededConnection): string {
  return `GET ${tokenPath(appId, type)} HTTP/1.1\r\nHost: localhost\r\nAccept: application/json\r\nAuthorization: Bearer ${serviceKey}\r\n\r\n`
}

function tokenPath(appId: string, type: string): string {
  return `/api/apps/${appId}/external-auth/tokens/${type}`
}

/** What is fast must also be right. @returns one answer's body */
export async function checkAnswers(port: number, seeded: readonly SeededConnection[]): Promise<string> {
  const step = Math.max(1, Math.floor(seeded.length / checked))
  let body = ""
  for (let index = 0; index < seeded.length; index += step) {
    const connection = seeded[index]
    if (!connection) break
    const { appId, type, serviceKey, accessToken } = connection
    const answer = await fetch(`http://127.0.0.1:${port}${tokenPath(appId, type)}`, {
      headers: { authorization: `Bearer ${serviceKey}` },
    })
    body = await answer.text()
    if ((JSON.parse(body) as { access_token?: unknown }).access_token !== accessToken)
      throw new Error(`a wrong token was given out: ${answer.status}`)
  }
  return body
}

interface Contest {
  readonly grantry: ChildServer
  readonly bare: ChildServer
  readonly load: Load
  readonly match: Match
}

async function compare(contest: Contest): Promise<Report> {
  const { bare, grantry, load, match } = contest
  for (const { port } of [grantry, bare])
    await load.run({ kind: "saturate", target: { port, connections, durationMs: warmUpMs } })
  const pairs: { readonly bare: Round; readonly grantry: Round }[] = []
  for (let round = 0; round < rounds; round += 1) {
    pairs.push({ bare: await saturated(bare, load), grantry: await saturated(grantry, load) })
  }
  const rows = [throughputRow(pairs, match), cpuRow(pairs, match), ...(await latencyRows(contest))]
  return { rows, notes: notesOn(pairs) }
}

interface Round {
  readonly perSecond: number
  readonly cpuUs: number
  readonly serverCpu: number
  readonly generatorCpu: number
}

export async function saturated(server: ChildServer, load: Load): Promise<Round> {
  const before = await server.usage()
  const { answers, elapsedMs, generatorCpu } = await load.run({
    kind: "saturate",
    target: { port: server.port, connections, durationMs: roundMs },
  })
  const after = await server.usage()
  const used = after.cpuUs - before.cpuUs
  return {
    perSecond: (answers * 1000) / elapsedMs,
    cpuUs: used / answers,
    serverCpu: used / 1000 / elapsedMs,
    generatorCpu,
  }
}

type Pairs = readonly { readonly bare: Round; readonly grantry: Round }[]

function throughputRow(pairs: Pairs, { other, target, what }: Match): Row {
  const ours = summarize(pairs.map(({ grantry }) => grantry.perSecond))
  const theirs = summarize(pairs.map(({ bare }) => bare.perSecond))
  const ratio = summarize(pairs.map(({ bare, grantry }) => grantry.perSecond / bare.perSecond))
  return {
    what: `${what}: throughput`,
    target: `≥ ${target} × ${other}`,
    measured: `${spread(ours, 0)} req/s against ${spread(theirs, 0)}`,
    ratio: `${spread(ratio, 2)} × ${other}`,
    met: ratio.median >= target,
  }
}

function cpuRow(pairs: Pairs, { other, target, what }: Match): Row {
  const ours = summarize(pairs.map(({ grantry }) => grantry.cpuUs))
  const theirs = summarize(pairs.map(({ bare }) => bare.cpuUs))
  const ratio = summarize(pairs.map(({ bare, grantry }) => bare.cpuUs / grantry.cpuUs))
  return {
    what: `${what}: requests per CPU second of the server`,
    target: `≥ ${target} × ${other}`,
    measured: `${spread(ours, 1)} µs of CPU time per request against ${spread(theirs, 1)}`,
    ratio: `${spread(ratio, 2)} × ${other}`,
    met: ratio.median >= target,
  }
}

function notesOn(pairs: Pairs): readonly string[] {
  const percent = (pick: (pair: Pairs[number]) => number): string =>
    `${(100 * summarize(pairs.map(pick)).median).toFixed(0)} %`
  return [
    "1,250 service keys; each key is looked up again after five seconds, sums of reads are written every ten",
    `${connections} keep-alive connections, ${rounds} rounds of ${roundMs / 1000} s each, in turn; medians, with the least and the most in brackets`,
    `of one core: Grantry ${percent(({ grantry }) => grantry.serverCpu)} (generator ${percent(({ grantry }) => grantry.generatorCpu)}), bare ${percent(({ bare }) => bare.serverCpu)} (generator ${percent(({ bare }) => bare.generatorCpu)})`,
  ]
}

async function latencyRows({ bare, grantry, load, match }: Contest): Promise<readonly Row[]> {
  const found: { readonly bare: Latency; readonly grantry: Latency }[] = []
  for (let round = 0; round < latencyRounds; round += 1) {
    found.push({
      bare: await latency(bare, load, match.requestsPerSecond),
      grantry: await latency(grantry, load, match.requestsPerSecond),
    })
  }
  return (["p50Ms", "p99Ms"] as const).map((name) => {
    const ours = summarize(found.map((pair) => pair.grantry[name]))
    const theirs = summarize(found.map((pair) => pair.bare[name]))
    const times = summarize(found.map((pair) => pair.grantry[name] / pair.bare[name]))
    return {
      what: `${match.what}, at ${match.requestsPerSecond} requests/s: ${name.slice(0, 3)} latency`,
      target: null,
      measured: `${spread(ours, 3)} ms against ${spread(theirs, 3)} ms`,
      ratio: `${spread(times, 1)} × ${match.other}`,
      met: null,
    }
  })
}

export interface Latency {
  readonly p50Ms: number
  readonly p99Ms: number
}

export async function latency(
  server: Pick<ChildServer, "port">,
  load: Load,
  perSecond: number,
  durationMs = latencyRoundMs,
): Promise<Latency> {
  const target = { port: server.port, connections, durationMs }
  const { latenciesMs } = await load.run({ kind: "rate", target, perSecond })
  const sorted = latenciesMs.toSorted((a, b) => a - b)
  return { p50Ms: quantile(sorted, 0.5), p99Ms: quantile(sorted, 0.99) }
}
