/** Servers that share one database and one sandbox, which runs apart from them: every type is served by it. */
import { randomBytes } from "node:crypto"
import { builtInCatalog, type Catalog } from "@grantry/catalog"
import { createSandboxClock, createSandboxServer, sandboxUrl } from "@grantry/sandbox"
import type { StartOptions } from "@grantry/server"
import { watchHttp } from "./canaries/watch-http.ts"
import { createDatabase, type TestDatabase } from "./postgres.ts"
import { moveClock } from "./sandbox.ts"
import { type DatabaseKind, startTestServer, type TestServer } from "./server.ts"

export interface Replicas {
  readonly servers: readonly TestServer[]
  readonly first: TestServer
  /** Where the providers are: faults and requests are asked for here. */
  readonly sandbox: string
  /** What every replica must be started with, to be one of these. */
  readonly env: Readonly<Record<string, string>>
  readonly databaseUrl: string
  /** Moves the time of the providers and of every server. */
  moveClock(advanceMs: number): Promise<void>
  /** A further server on the same database. */
  add(): Promise<TestServer>
  destroy(): Promise<void>
}

export interface ReplicasOptions {
  readonly database: DatabaseKind
  readonly count: number
  readonly catalog?: Catalog
  readonly env?: Readonly<Record<string, string>>
  /** Of a PostgreSQL that the test stops; absent: a new database of the run's server. */
  readonly databaseUrl?: string
}

/** Reaches every provider in the sandbox, also for clients that were registered in a workspace. */
export function inSandbox(origin: string): NonNullable<StartOptions["providerAddress"]> {
  return (client, url) => sandboxUrl(origin, client.definition.type, url)
}

export async function startReplicas(options: ReplicasOptions): Promise<Replicas> {
  watchHttp()
  const catalog = options.catalog ?? builtInCatalog
  const sandbox = createSandboxServer({
    catalog: catalog.all(),
    clock: createSandboxClock(),
    maxRequestsKept: 10_000,
  })
  const origin = await sandbox.listen()
  const ownDatabase: TestDatabase | undefined =
    options.database === "postgres" && options.databaseUrl === undefined ? await createDatabase() : undefined
  const databaseUrl = options.databaseUrl ?? ownDatabase?.url
  const env = { GRANTRY_MASTER_KEY: `test:${randomBytes(32).toString("base64")}`, ...options.env }
  const servers: TestServer[] = []
  let aheadMs = 0

  async function add(): Promise<TestServer> {
    const server = await startTestServer({
      database: options.database,
      ...(databaseUrl !== undefined && { databaseUrl }),
      catalog,
      env,
      providerAddress: inSandbox(origin),
      revocationIntervalMs: 250,
      webhookIntervalMs: 50,
      offBoardingIntervalMs: 50,
    })
    servers.push(server)
    if (aheadMs > 0) await moveClock(server.url, aheadMs)
    return server
  }

  // One after the other: the first lays out the tables and the first owner.
  for (let started = 0; started < options.count; started += 1) await add()
  const [first] = servers
  if (!first) throw new Error("count must be at least 1")
  return {
    servers,
    first,
    sandbox: origin,
    env,
    databaseUrl: databaseUrl ?? first.databaseUrl,
    add,
    async moveClock(advanceMs) {
      aheadMs += advanceMs
      await moveClock(origin, advanceMs)
      for (const server of servers) await moveClock(server.url, advanceMs)
    },
    async destroy() {
      for (const server of servers) await server.destroy()
      await sandbox.close()
      await ownDatabase?.drop()
    },
  }
}
