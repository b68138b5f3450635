/** What the storage tests share: both databases, and rows that differ only in what a test is about. */
import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { openStorage } from "../../packages/server/src/storage/open-storage.ts"
import type { Storage } from "../../packages/server/src/storage/storage.ts"
import type { App, NewApp } from "../../packages/server/src/storage/stores/apps.ts"
import type { Attempt } from "../../packages/server/src/storage/stores/attempts.ts"
import type {
  Connection,
  ConnectionFence,
  GrantWrite,
  ProviderTrouble,
  RefreshWrite,
} from "../../packages/server/src/storage/stores/connections.ts"
import type { Connector } from "../../packages/server/src/storage/stores/connectors.ts"
import type { Revocation } from "../../packages/server/src/storage/stores/revocations.ts"
import { createDatabase } from "../harness/postgres.ts"

export const NOW = 1_800_000_000_000

export interface OpenDatabase {
  readonly url: string
  readonly storage: Storage
  /** What another replica would use; the same process on SQLite, where there is only one. */
  readonly replica: Storage
  close(): Promise<void>
}

export interface TestedDatabase {
  readonly name: "SQLite" | "PostgreSQL"
  open(): Promise<OpenDatabase>
}

async function openSqlite(): Promise<OpenDatabase> {
  const directory = await mkdtemp(join(tmpdir(), "grantry-storage-"))
  const url = `file:${join(directory, "data", "grantry.db")}`
  const storage = await openStorage({ url })
  return {
    url,
    storage,
    replica: storage,
    async close() {
      await storage.close()
      await rm(directory, { recursive: true, force: true })
    },
  }
}

async function openPostgres(): Promise<OpenDatabase> {
  const database = await createDatabase()
  const storage = await openStorage({ url: database.url })
  const replica = await openStorage({ url: database.url, poolSize: 5 })
  return {
    url: database.url,
    storage,
    replica,
    async close() {
      await storage.close()
      await replica.close()
      await database.drop()
    },
  }
}

export const databases: readonly TestedDatabase[] = [
  { name: "SQLite", open: openSqlite },
  { name: "PostgreSQL", open: openPostgres },
]

let counter = 0

export function uniqueId(prefix: string): string {
  counter += 1
  return `${prefix}_${counter}`
}

export function bytes(text: string): Uint8Array {
  return new TextEncoder().encode(text)
}

export function text(value: Uint8Array | null): string | null {
  return value === null ? null : new TextDecoder().decode(value)
}

/** A workspace with a member and an app. */
export async function seedApp(storage: Storage): Promise<App> {
  const workspaceId = uniqueId("ws")
  const member = { id: uniqueId("mem"), email: `${uniqueId("m")}@example.com`, name: "Mo", createdAt: NOW }
  await storage.accounts.insertWorkspace({
    id: workspaceId,
    name: "Acme",
    plan: "free",
    personalOf: null,
    createdAt: NOW,
  })
  await storage.accounts.insertMember(member)
  await storage.accounts.insertMembership({ workspaceId, memberId: member.id, role: "owner" })
  const app = { id: uniqueId("app"), workspaceId, name: "Shop", createdBy: member.id, createdAt: NOW }
  await storage.apps.insert(app)
  return { ...app, functionsUpstream: null, backendFunctionsEnabled: true, connectCompletion: "confirm" }
}

export function connectorOf(app: App, overrides: Partial<Connector> = {}): Connector {
  const id = uniqueId("con")
  return {
    id,
    workspaceId: app.workspaceId,
    type: "slack",
    name: id,
    credentialSource: "byo",
    clientId: `client-${id}`,
    sealedClientSecret: bytes("secret"),
    scopes: ["chat:write"],
    config: {},
    clientProblem: null,
    version: 1,
    createdAt: NOW,
    updatedAt: NOW,
    ...overrides,
  }
}

export function grantFor(app: NewApp, overrides: Partial<GrantWrite> = {}): GrantWrite {
  return {
    id: uniqueId("cn"),
    workspaceId: app.workspaceId,
    appId: app.id,
    ownerKind: "app",
    ownerId: "",
    slot: "type:slack",
    type: "slack",
    connectorId: null,
    credentialSource: "sandbox",
    connectedBy: app.createdBy,
    requestedScopes: ["a", "b"],
    grantedScopes: ["a"],
    accountId: "U1",
    accountLabel: "mo@example.com",
    config: { subdomain: "acme" },
    generation: 1,
    sealedAccessToken: bytes("access-1"),
    sealedRefreshToken: bytes("refresh-1"),
    issuedAt: NOW,
    expiresAt: NOW + 3_600_000,
    refreshDueAt: NOW + 2_000_000,
    refreshAheadAt: NOW + 1_500_000,
    now: NOW,
    ...overrides,
  }
}

export async function seedConnection(
  storage: Storage,
  app: App,
  overrides: Partial<GrantWrite> = {},
): Promise<Connection> {
  const grant = grantFor(app, overrides)
  if (!(await storage.connections.saveGrant(grant))) throw new Error("The grant was not saved")
  return read(storage, grant)
}

/** Past the cache: what the database holds. */
export async function read(
  storage: Storage,
  row: { readonly workspaceId: string; readonly id: string },
): Promise<Connection> {
  const connection = await storage.connections.findById(row.workspaceId, row.id)
  if (connection === undefined) throw new Error("The connection is gone")
  return connection
}

export function fenceOf({ workspaceId, id, generation, version }: Connection): ConnectionFence {
  return { workspaceId, id, generation, version }
}

export function refreshTo(name: string, overrides: Partial<RefreshWrite> = {}): RefreshWrite {
  return {
    sealedAccessToken: bytes(name),
    config: { subdomain: "acme" },
    issuedAt: NOW + 10,
    expiresAt: NOW + 7_200_000,
    refreshDueAt: NOW + 5_000_000,
    refreshAheadAt: NOW + 3_500_000,
    now: NOW + 10,
    ...overrides,
  }
}

export const trouble: ProviderTrouble = {
  kind: "transient",
  code: "http_503",
  message: "The provider is overloaded",
  at: NOW + 20,
}

export function attemptFor(app: App, overrides: Partial<Attempt> = {}): Attempt {
  return {
    id: uniqueId("att"),
    workspaceId: app.workspaceId,
    appId: app.id,
    ownerKind: "app",
    ownerId: "",
    slot: "type:slack",
    type: "slack",
    connectorId: null,
    credentialSource: "sandbox",
    connectionId: uniqueId("cn"),
    startedBy: app.createdBy,
    askedBy: null,
    forceReconnect: false,
    requestedScopes: ["a"],
    config: { subdomain: "acme" },
    loginHint: null,
    status: "pending",
    errorCode: null,
    errorMessage: null,
    browserHash: null,
    stateHash: null,
    sealedVerifier: null,
    sealedReturnTo: null,
    sealedCallback: null,
    handleHash: null,
    sealedGrant: null,
    createdAt: NOW,
    expiresAt: NOW + 600_000,
    ...overrides,
  }
}

export function revocationFor(app: App, overrides: Partial<Revocation> = {}): Revocation {
  return {
    id: uniqueId("rev"),
    workspaceId: app.workspaceId,
    appId: app.id,
    connectionId: uniqueId("cn"),
    type: "slack",
    connectorId: null,
    credentialSource: "sandbox",
    config: {},
    sealedTokens: bytes("tokens"),
    outcome: "pending",
    tries: 0,
    nextTryAt: NOW,
    detail: null,
    createdAt: NOW,
    jobId: null,
    ...overrides,
  }
}

/** Numbers from 0 up to, not including, 1 that depend on the seed alone (mulberry32). */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}

/** Put a printed seed here to repeat its run. */
const REPEATED_SEED: number | undefined = undefined

/** A new seed for each run, printed so that a failure can be repeated. */
export function printedSeed(what: string): number {
  const seed = REPEATED_SEED ?? Date.now() % 1_000_000_000
  console.info(`${what}: seed ${seed}`)
  return seed
}

export function countTrue(results: readonly boolean[]): number {
  return results.filter(Boolean).length
}
