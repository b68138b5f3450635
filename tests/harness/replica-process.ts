/**
 * A server in a process of its own, to be killed, frozen or stopped. What it needs is JSON in REPLICA_INPUT; it says its address to who
 * forked it, and how much memory it holds when asked.
 */
import { readConfig, type StartOptions, startServer } from "@grantry/server"
import { pino } from "pino"
import { inSandbox } from "./replicas.ts"
import { knownNames } from "./server.ts"
import { testCatalog } from "./test-catalog.ts"

type JobIntervals = Pick<StartOptions, "revocationIntervalMs" | "offBoardingIntervalMs">

export interface ReplicaProcessInput {
  readonly env: Readonly<Record<string, string>>
  /** Origin of the sandbox that serves every provider. */
  readonly sandbox: string
  /** How wrong this machine's clock is; right unless told. */
  readonly clockAheadMs?: number
  /** The usual ones in `{}`; short ones unless told. */
  readonly intervals?: JobIntervals
}

const short: JobIntervals = { revocationIntervalMs: 250, offBoardingIntervalMs: 50 }

export type ReplicaMessage = { readonly url: string } | { readonly rssBytes: number }

const input = JSON.parse(process.env["REPLICA_INPUT"] ?? "") as ReplicaProcessInput
const { clockAheadMs = 0 } = input
const rightNow = Date.now
if (clockAheadMs !== 0) Date.now = () => rightNow() + clockAheadMs

const say = (message: ReplicaMessage): void => void process.send?.(message)
const config = readConfig(input.env, knownNames(testCatalog))
const server = await startServer(config, pino({ level: config.logLevel }), {
  catalog: testCatalog,
  providerAddress: inSandbox(input.sandbox),
  ...(input.intervals ?? short),
})
process.on("message", () => {
  globalThis.gc?.()
  say({ rssBytes: process.memoryUsage().rss })
})
process.once("SIGTERM", () => {
  void server.close().then(() => process.exit(0))
})
say({ url: server.url })
