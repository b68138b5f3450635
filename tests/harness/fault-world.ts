/**
 * Where things go wrong: replicas in processes of their own on one PostgreSQL (or one on a file), a strict provider, and
 * connections whose every token is known.
 */
import { randomBytes } from "node:crypto"
import { describeKey, newKey } from "../../packages/server/src/callers/keys.ts"
import { openToken, sealToken } from "../../packages/server/src/connections/sealed-tokens.ts"
import { newId } from "../../packages/server/src/random.ts"
import { openStorage } from "../../packages/server/src/storage/open-storage.ts"
import type { Storage } from "../../packages/server/src/storage/storage.ts"
import type { Connection } from "../../packages/server/src/storage/stores/connections.ts"
import { createVault, parseMasterKeys, type Vault } from "../../packages/server/src/vault/vault.ts"
import { type Answer, call, fetchToken, type TestApp, type TokenBody } from "./api.ts"
import { plant } from "./canaries/planted.ts"
import { type ChildReplica, type ChildReplicaOptions, startChildReplica } from "./child-replica.ts"
import { createDatabase } from "./postgres.ts"
import { type RotatingProvider, startRotatingProvider } from "./rotating-provider.ts"
import { ownerKey } from "./server.ts"

export const faultType = "rotating"

/** An app with one connection of the strict provider. */
export interface ConnectedApp extends TestApp {
  readonly workspaceId: string
  readonly connectionId: string
}

export interface FaultWorld {
  readonly provider: RotatingProvider
  readonly replicas: readonly ChildReplica[]
  readonly one: ChildReplica
  readonly two: ChildReplica
  readonly databaseUrl: string
  /** What was handed out although the provider did not take it. */
  readonly deadTokens: readonly string[]
  /** For the next scenario: a provider as if new, and nothing handed out. */
  reset(): void
  /** Connections as if people had made them, all at once; in the owner's workspace unless told. */
  connect(count: number, workspaceId?: string): Promise<readonly ConnectedApp[]>
  connectOne(): Promise<ConnectedApp>
  /** Reads the token, and asks the provider about it at once. */
  read(app: TestApp, replica?: ChildReplica): Promise<Answer<TokenBody>>
  row(app: ConnectedApp): Promise<Connection | undefined>
  /** Refresh tokens that rows know, in plain text. */
  storedRefreshTokens(): Promise<readonly string[]>
  readonly storage: Storage
  moveClock(ms: number): Promise<void>
  /** How far the time of the tests is ahead. */
  aheadMs(): number
  /** Past the end of every access token. */
  expire(): Promise<void>
  add(options?: {
    readonly clockAheadMs?: number
    readonly env?: Record<string, string>
  }): Promise<ChildReplica>
  destroy(): Promise<void>
}

export interface FaultWorldOptions {
  readonly count?: number
  readonly intervals?: ChildReplicaOptions["intervals"]
  readonly env?: Readonly<Record<string, string>>
  /** A PostgreSQL of the test's own; absent: a new database of the run's. */
  readonly databaseUrl?: string
  /** The way that the first replica takes to the database, e.g. through something that can be cut. */
  readonly firstUrl?: (databaseUrl: string) => Promise<string> | string
}

/** Short, but long enough for a machine that is busy with other things. */
export const providerTimeoutMs = 3_000
/** The lease that a dead replica leaves behind. */
export const leaseMs = providerTimeoutMs * 1.5
const hourMs = 3_600_000

export async function startFaultWorld(options: FaultWorldOptions = {}): Promise<FaultWorld> {
  const provider = await startRotatingProvider()
  const own = options.databaseUrl === undefined ? await createDatabase() : undefined
  const databaseUrl = options.databaseUrl ?? own?.url ?? ""
  const masterKey = `test:${randomBytes(32).toString("base64")}`
  const env = {
    GRANTRY_MASTER_KEY: masterKey,
    GRANTRY_BOOTSTRAP_API_KEY: ownerKey,
    GRANTRY_PROVIDER_TIMEOUT_MS: String(providerTimeoutMs),
    GRANTRY_REFRESH_RATE: "0",
    GRANTRY_LOG_LEVEL: "debug",
    ...options.env,
  }
  const replicas: ChildReplica[] = []
  const deadTokens: string[] = []
  let aheadMs = 0

  const add: FaultWorld["add"] = async (more = {}) => {
    const url = replicas.length === 0 ? ((await options.firstUrl?.(databaseUrl)) ?? databaseUrl) : databaseUrl
    const replica = await startChildReplica({
      env: { GRANTRY_DATABASE_URL: url, ...env, ...more.env },
      provider: provider.origin,
      ...(more.clockAheadMs !== undefined && { clockAheadMs: more.clockAheadMs }),
      ...(options.intervals !== undefined && { intervals: options.intervals }),
    })
    if (aheadMs > 0) await replica.moveClock(aheadMs)
    replicas.push(replica)
    return replica
  }
  // One after the other: the first lays out the tables and the first owner.
  for (let started = 0; started < (options.count ?? 2); started += 1) await add()
  const storage = await openStorage({ url: databaseUrl, poolSize: 4 })
  const vault = createVault({
    masterKeys: parseMasterKeys(masterKey),
    dataKeys: storage.dataKeys,
    newId: () => newId("dk"),
    now: Date.now,
  })
  const one = at(replicas, 0)

  const world: FaultWorld = {
    provider,
    replicas,
    one,
    get two() {
      return at(replicas, 1)
    },
    databaseUrl,
    storage,
    deadTokens,
    reset() {
      provider.reset()
      deadTokens.length = 0
    },
    add,
    connect: (count, workspaceId) =>
      seed({ storage, vault, provider, url: one.url, now: Date.now() + aheadMs, workspaceId }, count),
    async connectOne() {
      return at(await world.connect(1), 0)
    },
    async read(app, replica = one) {
      const answer = await fetchToken(replica.url, app, faultType)
      if (answer.status === 200 && !provider.isLive(answer.body.access_token))
        deadTokens.push(`${app.id}: ${JSON.stringify(answer.body)}`)
      return answer
    },
    row: (app) => storage.connections.findById(app.workspaceId, app.connectionId),
    storedRefreshTokens: () => storedRefreshTokens(storage, vault),
    async moveClock(ms) {
      aheadMs += ms
      provider.moveClock(ms)
      await Promise.all(replicas.map((replica) => replica.moveClock(ms)))
    },
    aheadMs: () => aheadMs,
    expire: () => world.moveClock(2 * hourMs),
    async destroy() {
      await storage.close()
      await Promise.all(replicas.map((replica) => replica.destroy()))
      await provider.close()
      await own?.drop()
    },
  }
  return world
}

function at<T>(values: readonly T[], index: number): T {
  const value = values[index]
  if (value === undefined) throw new Error(`there is no replica ${index}`)
  return value
}

interface Seeding {
  readonly storage: Storage
  readonly vault: Vault
  readonly provider: RotatingProvider
  readonly url: string
  readonly now: number
  readonly workspaceId: string | undefined
}

async function seed(seeding: Seeding, count: number): Promise<readonly ConnectedApp[]> {
  const { storage, url } = seeding
  const { body } = await call<{ workspaces: { id: string }[] }>(url, "GET", "/api/workspace/workspaces")
  const [home] = body.workspaces
  const workspaceId = seeding.workspaceId ?? home?.id ?? ""
  const apps = await call<{ id: string }>(url, "POST", "/api/apps", { body: { name: "Any" } })
  const owner = await storage.apps.find(home?.id ?? "", apps.body.id)
  const planned = await Promise.all(
    Array.from({ length: count }, () => plan(seeding, workspaceId, owner?.createdBy ?? "")),
  )
  await storage.transaction(async (stores) => {
    for (const { app, grant, key } of planned) {
      await stores.apps.insert(app)
      await stores.keys.insertServiceKey(key, describeKey(key.secret).hash)
      if (!(await stores.connections.saveGrant(grant))) throw new Error("a grant could not be saved")
    }
  })
  for (const { key } of planned) plant("service key", key.secret)
  return planned.map(({ app, grant, key }) => ({
    id: app.id,
    serviceKey: key.secret,
    workspaceId,
    connectionId: grant.id,
  }))
}

async function plan({ now, provider, vault }: Seeding, workspaceId: string, memberId: string) {
  const app = { id: newId("app"), workspaceId, name: "App", createdBy: memberId, createdAt: now }
  const { prefix, secret } = newKey("gsk_")
  const common = { workspaceId, appId: app.id, createdAt: now, lastUsedAt: null }
  const key = { ...common, id: newId("key"), name: "test", prefix, secret }
  const record = {
    id: newId("conn"),
    workspaceId,
    appId: app.id,
    ownerKind: "app",
    ownerId: "",
    slot: `type:${faultType}`,
    type: faultType,
    generation: 1,
  } as const
  const { accessToken, refreshToken } = provider.issue()
  const expiresAt = now + provider.lifetimeS * 1_000
  const grant = {
    ...record,
    connectorId: null,
    credentialSource: "sandbox",
    connectedBy: memberId,
    requestedScopes: ["read"],
    grantedScopes: ["read"],
    accountId: newId("acc"),
    accountLabel: "ada@example.com",
    config: {},
    sealedAccessToken: await sealToken(vault, record, "access_token", accessToken),
    sealedRefreshToken: await sealToken(vault, record, "refresh_token", refreshToken),
    issuedAt: now,
    expiresAt,
    refreshDueAt: expiresAt - 300_000,
    refreshAheadAt: now + (expiresAt - now) / 2,
    now,
  } as const
  return { app, grant, key }
}

async function storedRefreshTokens(storage: Storage, vault: Vault): Promise<readonly string[]> {
  const owners = await storage.accounts.findMemberByEmail("owner@localhost")
  const workspaces = owners ? await storage.accounts.listWorkspaces(owners.id) : []
  const apps = await storage.apps.list(workspaces.map(({ id }) => id))
  const found: string[] = []
  for (const { id, workspaceId } of apps) {
    for (const connection of await storage.connections.listByApp(workspaceId, id, "app")) {
      if (connection.sealedRefreshToken === null) continue
      found.push(await openToken(vault, connection, "refresh_token", connection.sealedRefreshToken))
    }
  }
  return found
}
