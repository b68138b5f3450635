/** One running server: everything put together in order, and taken apart in the opposite one. */
import { mkdir } from "node:fs/promises"
import type { AddressInfo } from "node:net"
import { join } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import { builtInCatalog, type Catalog } from "@grantry/catalog"
import type { FastifyBaseLogger, FastifyInstance, FastifyPluginAsync } from "fastify"
import { createApp } from "./app.ts"
import { startAttemptSweeper } from "./authorization/index.ts"
import { createCallers } from "./callers/create-callers.ts"
import { type Config, withBoundPort } from "./config.ts"
import { createOAuthClients, type SandboxClient } from "./connections/oauth-clients.ts"
import { createRefresher } from "./connections/refresh.ts"
import { startRefreshAhead } from "./connections/refresh-ahead.ts"
import { startRevocationOutbox } from "./connections/revocation-outbox.ts"
import { recordQuarantine } from "./record-quarantine.ts"
import { replayJournal } from "./connections/rotation-journal.ts"
import { createSignIns } from "./callers/sign-ins.ts"
import { appendEvents } from "./events/audit-chain/append-events.ts"
import { createChainKeys } from "./events/audit-chain/chain-keys.ts"
import { startAuditRetention } from "./events/audit-chain/retention.ts"
import { createAudit } from "./events/audit.ts"
import { createRequestOrigins } from "./events/request-origins.ts"
import { createMemberAuth } from "./members/member-auth.ts"
import { createSignInSecret } from "./members/sign-in-secret.ts"
import { startSignInSweeper } from "./members/sweep-sign-ins.ts"
import { tracedOutbound, tracedRefresher, tracedStorage } from "./events/tracing/traced-parts.ts"
import type { Tracing } from "./events/tracing/tracing.ts"
import { startWebhookOutbox } from "./events/webhooks/outbox.ts"
import { keyServiceDegradations } from "./events/health.ts"
import { sealCounters } from "./events/metrics/seal-counters.ts"
import { createOperating, type Operating } from "./operate.ts"
import { createLimits } from "./limits/limits.ts"
import type { ProviderAddress } from "./oauth/oauth-client.ts"
import { createOutbound, type Outbound } from "./outbound/outbound.ts"
import { newId } from "./random.ts"
import type { Clock, Services } from "./services.ts"
import { type DatabaseClock, startDatabaseClock } from "./storage/database-clock.ts"
import { joinReplicas, type LiveReplicas, onlyReplica } from "./storage/live-replicas.ts"
import { openStorage } from "./storage/open-storage.ts"
import { judgeQuarantine, type Quarantine } from "./storage/quarantine.ts"
import type { Storage } from "./storage/storage.ts"
import { loadOrCreateMasterKey } from "./vault/development-key.ts"
import { closeMasterKeys, createVault, type SealCounts, verifyMasterKeys } from "./vault/vault.ts"
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

const auditIntervalMs = 2_000
const auditReadIntervalMs = 10_000
const outboxIntervalMs = 5_000
const webhookIntervalMs = 1_000
const sweepIntervalMs = 60_000
const signInSweepIntervalMs = 10 * 60_000
const retentionIntervalMs = 60 * 60_000
/** A caller waits for a refresh a little longer than the provider may take; so does a stop. */
const beyondProviderMs = 10_000

export interface StartOptions {
  /** Other entries than the built-in ones. */
  readonly catalog?: Catalog
  /** Reaches providers elsewhere than at their own addresses. */
  readonly providerAddress?: ProviderAddress
  /** How often the revocations that wait are looked at, in milliseconds; 5000 unless told. */
  readonly revocationIntervalMs?: number
  /** How often the webhooks that wait are looked at, in milliseconds; 1000 unless told. */
  readonly webhookIntervalMs?: number
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
      const running = await startOn(
        { storage, quarantine, masterKeys, databaseClock, replicas },
        config,
        log,
        options,
      )
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

type MasterKeys = Awaited<ReturnType<typeof loadOrCreateMasterKey>>

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
  const { databaseClock, masterKeys, quarantine, replicas } = opened
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
  const services = assembleServices({
    ...opened,
    storage,
    config: live,
    log,
    clock,
    outbound,
    sandbox,
    catalog,
    address,
    operating,
    tracing,
  })
  operating.health.addSource(() => (quarantine.active ? ["quarantine"] : []))
  operating.health.addSource(() => keyServiceDegradations(masterKeys))
  operating.health.addSource(() =>
    services.refresher.circuits.states(clock.now()).size > 0 ? ["provider_breaker_open"] : [],
  )
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

interface LoadedSandbox {
  readonly clock: Clock
  readonly plugin: FastifyPluginAsync
  readonly client: NonNullable<SandboxClient>
  readonly rewrite: (origin: string, type: string, url: URL) => URL
}

/** Loaded only where it is switched on: production does not carry it. */
async function loadSandbox(config: Config, catalog: Catalog, base: Clock): Promise<LoadedSandbox> {
  const { createSandboxClock, sandboxClient, sandboxPlugin, sandboxUrl } = await import("@grantry/sandbox")
  const clock = createSandboxClock(() => base.now())
  const plugin = sandboxPlugin({
    catalog: catalog.all(),
    clock,
    persistPath: join(config.dataDir, "sandbox.json"),
  })
  return { clock, plugin, client: sandboxClient, rewrite: sandboxUrl }
}

interface Parts extends Opened {
  readonly config: Config
  readonly log: FastifyBaseLogger
  readonly clock: Clock
  readonly outbound: Outbound
  readonly sandbox: LoadedSandbox | null
  readonly catalog: Catalog
  readonly address: ProviderAddress
  readonly operating: Operating
  readonly tracing: Tracing | null
}

function assembleServices(parts: Parts): Services {
  const {
    address,
    catalog,
    clock,
    config,
    log,
    masterKeys,
    outbound,
    quarantine,
    replicas,
    sandbox,
    storage,
    tracing,
  } = parts
  const { health, metrics } = parts.operating
  const now = (): number => clock.now()
  const counts: SealCounts = { reserved: 0, epochs: 0 }
  metrics.addGauges(() => sealCounters(counts))
  const vault = createVault({
    counts,
    masterKeys,
    dataKeys: storage.dataKeys,
    newId: () => newId("dk"),
    now,
    beforeNewKey: () => verifyMasterKeys(masterKeys, storage.meta),
  })
  const protocol = { outbound, now, timeoutMs: config.providerTimeoutMs, address }
  const clients = createOAuthClients({
    config,
    catalog,
    storage,
    vault,
    sandboxClient: sandbox?.client ?? null,
  })
  const auditChain = { storage, keys: createChainKeys({ storage, vault }), log }
  const origins = createRequestOrigins()
  const audit = createAudit({
    origin: () => origins.current(),
    append: (events) => appendEvents(auditChain, events),
    now,
    log,
    intervalMs: auditIntervalMs,
    readIntervalMs: auditReadIntervalMs,
  })
  const signInSecret = createSignInSecret({ storage, vault })
  const isSecure = (): boolean => config.publicUrl.startsWith("https:")
  const signIns = createSignIns({ storage, clock, secret: signInSecret, isSecure })
  const core = {
    config,
    catalog,
    clock,
    storage,
    quarantine,
    replicas,
    limits: createLimits({ rates: config.rateLimits, replicas, clock, audit, metrics, log }),
    vault,
    protocol,
    clients,
    audit,
    auditChain,
    origins,
    metrics,
    health,
    tracing,
    log,
    signInSecret,
  }
  const refresher = createRefresher(core)
  return {
    ...core,
    refresher: tracing ? tracedRefresher(refresher, tracing) : refresher,
    ...createCallers(core, signIns),
    memberAuth: createMemberAuth(core),
  }
}

/** The browser reaches the sandbox at the public URL, this server at the port on which it listens itself. */
function sandboxAddress(
  config: Config,
  bound: { readonly port: number },
  sandbox: LoadedSandbox | null,
): ProviderAddress {
  return (client, url, channel) => {
    if (client.source !== "sandbox" || !sandbox) return url
    const loopback = config.host.includes(":") ? "[::1]" : "127.0.0.1"
    const origin = channel === "front" ? config.publicUrl : `http://${loopback}:${bound.port}`
    return sandbox.rewrite(origin, client.definition.type, url)
  }
}

interface Job {
  close(): void | Promise<void>
}

function startJobs(services: Services, options: StartOptions): readonly Job[] {
  const uses = setInterval(() => void writeKeyUses(services), outboxIntervalMs)
  uses.unref()
  return [
    startRevocationOutbox(services, options.revocationIntervalMs ?? outboxIntervalMs),
    startWebhookOutbox(
      { ...services, outbound: services.protocol.outbound },
      options.webhookIntervalMs ?? webhookIntervalMs,
    ),
    startAttemptSweeper(services, sweepIntervalMs),
    startSignInSweeper(services, signInSweepIntervalMs),
    startAuditRetention(
      { ...services.auditChain, storage: services.storage, clock: services.clock },
      services.config.operating.auditRetentionDays,
      retentionIntervalMs,
    ),
    ...(services.config.refreshRate > 0 && !services.quarantine.active ? [startRefreshAhead(services)] : []),
    { close: () => clearInterval(uses) },
  ]
}

/** Never rejects: with the database away the server still stops in order. */
async function writeKeyUses({ authenticator, log }: Services): Promise<void> {
  try {
    await authenticator.flushUses()
  } catch (error) {
    log.error({ err: error }, "key uses could not be written")
  }
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
