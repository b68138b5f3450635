/** Makes what every route and job works with, from what was opened and configured. */
import type { Catalog } from "@grantry/catalog"
import { createCallers } from "./callers/create-callers.ts"
import { createSignIns } from "./callers/sign-ins.ts"
import type { Config } from "./config.ts"
import { createOAuthClients, type SandboxClient } from "./connections/oauth-clients.ts"
import { createRefresher } from "./connections/refresh.ts"
import { appendEvents } from "./events/audit-chain/append-events.ts"
import { createChainKeys } from "./events/audit-chain/chain-keys.ts"
import { createAudit } from "./events/audit.ts"
import { sealCounters } from "./events/metrics/seal-counters.ts"
import { createRefreshOutcomes } from "./events/refresh-outcomes.ts"
import { createRequestOrigins } from "./events/request-origins.ts"
import { tracedRefresher } from "./events/tracing/traced-parts.ts"
import type { Tracing } from "./events/tracing/tracing.ts"
import { createLimits } from "./limits/limits.ts"
import type { Log } from "./log.ts"
import { createMemberAuth } from "./members/member-auth.ts"
import { createOpenIdIssuer } from "./members/openid/issuer.ts"
import { createSignInSecret } from "./members/sign-in-secret.ts"
import type { ProviderAddress } from "./oauth/oauth-client.ts"
import type { Operating } from "./operate.ts"
import type { Outbound } from "./outbound/outbound.ts"
import { newId } from "./random.ts"
import type { Clock, Services } from "./services.ts"
import type { LiveReplicas } from "./storage/live-replicas.ts"
import type { Quarantine } from "./storage/quarantine.ts"
import type { Storage } from "./storage/storage.ts"
import { createVault, type MasterKeys, type SealCounts, type Vault, verifyMasterKeys } from "./vault/vault.ts"

const auditIntervalMs = 2_000
const auditReadIntervalMs = 10_000
const refreshOutcomeIntervalMs = 5_000

export interface ServerParts {
  readonly config: Config
  readonly log: Log
  readonly catalog: Catalog
  readonly clock: Clock
  readonly storage: Storage
  readonly quarantine: Quarantine
  readonly replicas: LiveReplicas
  readonly masterKeys: MasterKeys
  readonly outbound: Outbound
  readonly sandboxClient: SandboxClient
  readonly address: ProviderAddress
  readonly operating: Operating
  readonly tracing: Tracing | null
}

export function assembleServices(parts: ServerParts): Services {
  const { address, catalog, clock, config, log, outbound, quarantine, replicas, storage, tracing } = parts
  const { operating, sandboxClient } = parts
  const { health, metrics } = operating
  const now = (): number => clock.now()
  const vault = assembleVault(parts)
  const protocol = { outbound, now, timeoutMs: config.providerTimeoutMs, address }
  const clients = createOAuthClients({ config, catalog, storage, vault, sandboxClient })
  const records = assembleRecords(parts, vault)
  const { audit } = records
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
    ...records,
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
    openId: config.openId && createOpenIdIssuer(config.openId, outbound),
  }
}

function assembleVault({ clock, masterKeys, operating, storage }: ServerParts): Vault {
  const counts: SealCounts = { reserved: 0, epochs: 0 }
  operating.metrics.addGauges(() => sealCounters(counts))
  return createVault({
    counts,
    masterKeys,
    dataKeys: storage.dataKeys,
    newId: () => newId("dk"),
    now: () => clock.now(),
    beforeNewKey: () => verifyMasterKeys(masterKeys, storage.meta),
  })
}

/** What is written about what happened: the audit with its chain, and how refreshes ended. */
function assembleRecords({ clock, log, storage }: ServerParts, vault: Vault) {
  const now = (): number => clock.now()
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
  const refreshOutcomes = createRefreshOutcomes({
    store: storage.refreshOutcomes,
    now,
    log,
    intervalMs: refreshOutcomeIntervalMs,
  })
  return { audit, auditChain, origins, refreshOutcomes }
}
