/** One running server: everything put together in order, and taken apart in the opposite one. */
import { mkdir } from "node:fs/promises"
import type { AddressInfo } from "node:net"
import { setTimeout as sleep } from "node:timers/promises"
import { builtInCatalog, type Catalog } from "@grantry/catalog"
import type { FastifyBaseLogger, FastifyInstance } from "fastify"
import { createApp } from "./app.ts"
import { assembleServices } from "./assemble-services.ts"
import { type Config, withBoundPort } from "./config.ts"
import { replayJournal } from "./connections/rotation-journal.ts"
import { keyServiceDegradations } from "./events/health.ts"
import { tracedOutbound, tracedStorage } from "./events/tracing/traced-parts.ts"
import type { Tracing } from "./events/tracing/tracing.ts"
import type { ProviderAddress } from "./oauth/oauth-client.ts"
import { createOperating } from "./operate.ts"
import { createOutbound, type Outbound } from "./outbound/outbound.ts"
import { recordQuarantine } from "./record-quarantine.ts"
import { loadSandbox, sandboxAddress } from "./sandbox-parts.ts"
import type { Clock, Services } from "./services.ts"
import { type Job, type JobIntervals, startJobs, writeKeyUses } from "./start-jobs.ts"
import { type DatabaseClock, startDatabaseClock } from "./storage/database-clock.ts"
import { joinReplicas, type LiveReplicas, onlyReplica } from "./storage/live-replicas.ts"
import { openStorage } from "./storage/open-storage.ts"
import { judgeQuarantine, type Quarantine } from "./storage/quarantine.ts"
import type { Storage } from "./storage/storage.ts"
import { loadOrCreateMasterKey } from "./vault/development-key.ts"
import { closeMasterKeys, type MasterKeys, verifyMasterKeys } from "./vault/vault.ts"
import { version } from "./version.ts"
import { bootstrap } from "./workspace/bootstrap.ts"
import { issueStartLink } from "./workspace/first-keys.ts"

export interface RunningServer {
  /** Base of every URL that is handed out. */
  readonly url: string
  /** The one-time link of the first start; null once there is an API key. */
  readonly startLink: string | null
  /** Stops taking requests, lets running refreshes end, closes the database. */
  close(): Promise<void>
}

/** A caller waits for a refresh a little longer than the provider may take; so does a stop. */
const beyondProviderMs = 10_000

export interface StartOptions extends JobIntervals {
  /** Other entries than the built-in ones. */
  readonly catalog?: Catalog
  /** Reaches providers elsewhere than at their own addresses. */
  readonly providerAddress?: ProviderAddress
  /** Where spans go; the one that the log takes its ids from. */
  readonly tracing?: Tracing | null
}

export async function startServer(
  config: Config,
  log: FastifyBaseLogger,
  options: StartOptions = {},
): Promise<RunningServer> {
  await mkdir(config.dataDir, { recursive: true, mode: 0o700 })
  const masterKeys = await loadOrCreateMasterKey(config)
  const storage = await openStorage({ url: config.databaseUrl, log })
  try {
    await verifyMasterKeys(masterKeys, storage.meta)
    const quarantine = await judgeQuarantine(storage, config.quarantine)
    if (quarantine.active) log.warn({ reason: quarantine.reason }, "nothing is refreshed or revoked")
    const databaseClock = await startDatabaseClock(storage, log)
    const replicas = isFile(config) ? onlyReplica : await joinReplicas(storage, log)
    try {
      const opened = { storage, quarantine, masterKeys, databaseClock, replicas }
      const running = await startOn(opened, config, log, options)
      const close = async () => {
        await running.close()
        await closeMasterKeys(masterKeys)
      }
      return { ...running, close: once(close) }
    } catch (error) {
      databaseClock.close()
      await replicas.close()
      throw error
    }
  } catch (error) {
    await storage.close()
    await closeMasterKeys(masterKeys)
    throw error
  }
}

interface Opened {
  readonly storage: Storage
  readonly quarantine: Quarantine
  readonly masterKeys: MasterKeys
  readonly databaseClock: DatabaseClock
  readonly replicas: LiveReplicas
}

async function startOn(
  opened: Opened,
  config: Config,
  log: FastifyBaseLogger,
  options: StartOptions,
): Promise<RunningServer> {
  const catalog = options.catalog ?? builtInCatalog
  const { databaseClock, masterKeys, replicas } = opened
  const sandbox = config.sandbox ? await loadSandbox(config, catalog, databaseClock) : null
  const clock: Clock = sandbox?.clock ?? databaseClock
  const tracing = options.tracing ?? null
  const guarded = createOutbound({
    allowPrivate: config.allowPrivateNetwork,
    userAgent: `grantry/${version}`,
  })
  const outbound = tracing ? tracedOutbound(guarded, tracing) : guarded
  const system = isFile(config) ? "sqlite" : "postgresql"
  const storage = tracing ? tracedStorage(opened.storage, tracing, system) : opened.storage
  const verifyKeys = () => verifyMasterKeys(masterKeys, storage.meta)
  const operating = createOperating({ clock, config, storage, replicas }, verifyKeys)
  const bound = { port: config.port }
  // The port may be the system's choice, which is known once the server listens.
  const live = liveConfig(config, bound)
  const address = options.providerAddress ?? sandboxAddress(live, bound, sandbox)
  const sandboxClient = sandbox?.client ?? null
  const own = { config: live, log, catalog, clock, address, operating, tracing }
  const services = assembleServices({ ...opened, ...own, storage, outbound, sandboxClient })
  storage.watchAccess(() => {
    services.authenticator.forgetKeys()
    services.appUsers.forget()
  })
  watchDegradations(services, opened)
  const owner = await bootstrap(services)
  await recordQuarantine(services, owner)
  await replayJournal(services)
  const app = await createApp({ services, owner, sandbox: sandbox?.plugin ?? null })
  await app.listen({ host: config.host, port: config.port })
  bound.port = (app.server.address() as AddressInfo).port
  const jobs = [...startJobs(services, options), services.limits, operating, databaseClock, replicas]
  const startLink = await issueStartLink(services, owner)
  return { url: live.publicUrl, startLink, close: () => stop({ app, services, outbound, jobs }) }
}

/** What `/readyz` calls degraded beside a database that is away. */
function watchDegradations(services: Services, { masterKeys, quarantine }: Opened): void {
  const { clock, health, refresher } = services
  health.addSource(() => (quarantine.active ? ["quarantine"] : []))
  health.addSource(() => keyServiceDegradations(masterKeys))
  health.addSource(() => (refresher.circuits.states(clock.now()).size > 0 ? ["provider_breaker_open"] : []))
}

/** An SQLite file, which one process owns. */
function isFile({ databaseUrl }: Config): boolean {
  return databaseUrl.startsWith("file:")
}

function liveConfig(config: Config, bound: { readonly port: number }): Config {
  let known = withBoundPort(config, bound.port)
  return Object.freeze({
    ...config,
    get publicUrl() {
      if (known.port !== bound.port) known = withBoundPort(config, bound.port)
      return known.publicUrl
    },
  })
}

interface Stoppable {
  readonly app: FastifyInstance
  readonly services: Services
  readonly outbound: Outbound
  readonly jobs: readonly Job[]
}

async function stop({ app, services, outbound, jobs }: Stoppable): Promise<void> {
  const { operating, providerTimeoutMs } = services.config
  services.health.stop()
  await sleep(operating.stopDelayMs)
  await closeHttp(app, providerTimeoutMs + beyondProviderMs)
  const jobsEnd = Promise.all(jobs.map(async (job) => job.close()))
  await Promise.race([jobsEnd, sleep(beyondProviderMs, undefined, { ref: false })])
  // What a provider has answered must be stored before the database goes.
  await services.refresher.close()
  // What a job still waits for is given up, and taken again by whoever runs next.
  await outbound.close()
  await jobsEnd
  await writeKeyUses(services)
  await services.audit.close()
  await services.refreshOutcomes.close()
  await services.storage.close()
  await services.tracing?.close()
}

/** Requests that run are answered, for as long as the slowest provider may take. */
async function closeHttp(app: FastifyInstance, withinMs: number): Promise<void> {
  const late = setTimeout(() => app.server.closeAllConnections(), withinMs).unref()
  // A connection that was busy when the server closed is kept alive after its answer: nobody else ends it.
  const idle = setInterval(() => app.server.closeIdleConnections(), 100)
  await app.close()
  clearInterval(idle)
  clearTimeout(late)
}

function once<T>(work: () => Promise<T>): () => Promise<T> {
  let running: Promise<T> | undefined
  return () => (running ??= work())
}
