/** A database full of real, sealed connections, written through the server's own storage and vault. */
import { randomBytes } from "node:crypto"
import { join } from "node:path"
import { describeKey, newKey } from "../packages/server/src/callers/keys.ts"
import { sealToken } from "../packages/server/src/connections/sealed-tokens.ts"
import { newId } from "../packages/server/src/random.ts"
import { openStorage } from "../packages/server/src/storage/open-storage.ts"
import type { GrantWrite, Storage, Stores } from "../packages/server/src/storage/stores.ts"
import { createVault, parseMasterKeys, type Vault } from "../packages/server/src/vault/vault.ts"

export interface SeededConnection {
  readonly appId: string
  readonly type: string
  readonly serviceKey: string
  readonly accessToken: string
}

export interface SeedPlan {
  readonly workspaces: number
  readonly appsPerWorkspace: number
  /** One connection of each type in every app. */
  readonly types: readonly string[]
}

const appsPerTransaction = 500
const dayMs = 86_400_000
/** About as long as the tokens of the large providers. */
const tokenBytes = 150

export function databaseUrl(dataDir: string): string {
  return `file:${join(dataDir, "grantry.db")}`
}

export async function seed(
  dataDir: string,
  masterKey: string,
  plan: SeedPlan,
): Promise<readonly SeededConnection[]> {
  const storage = await openStorage({ url: databaseUrl(dataDir) })
  const now = Date.now()
  const masterKeys = parseMasterKeys(masterKey)
  const vault = createVault({
    masterKeys,
    dataKeys: storage.dataKeys,
    newId: () => newId("dk"),
    now: () => now,
  })
  try {
    const seeded: SeededConnection[] = []
    for (let index = 0; index < plan.workspaces; index += 1) {
      seeded.push(...(await seedWorkspace(storage, vault, plan, now)))
    }
    return seeded
  } finally {
    await storage.close()
  }
}

async function seedWorkspace(storage: Storage, vault: Vault, plan: SeedPlan, now: number) {
  const workspaceId = newId("ws")
  const memberId = newId("mem")
  await storage.accounts.insertMember({
    id: memberId,
    email: `${memberId}@example.com`,
    name: "Owner",
    createdAt: now,
  })
  await storage.accounts.insertWorkspace({
    id: workspaceId,
    name: "Team",
    plan: "free",
    personalOf: memberId,
    createdAt: now,
  })
  const seeded: SeededConnection[] = []
  for (let done = 0; done < plan.appsPerWorkspace; done += appsPerTransaction) {
    const count = Math.min(appsPerTransaction, plan.appsPerWorkspace - done)
    // Sealing may write the workspace's data key, so it comes before the transaction.
    const apps = await Promise.all(
      Array.from({ length: count }, () =>
        plannedApp({ vault, workspaceId, memberId, types: plan.types, now }),
      ),
    )
    await storage.transaction(async (stores) => {
      for (const app of apps) await insertApp(stores, app, { workspaceId, memberId, now })
    })
    for (const app of apps) seeded.push(...app.connections)
  }
  return seeded
}

interface PlannedApp {
  readonly appId: string
  readonly serviceKey: string
  readonly grants: readonly GrantWrite[]
  readonly connections: readonly SeededConnection[]
}

interface AppPlan {
  readonly vault: Vault
  readonly workspaceId: string
  readonly memberId: string
  readonly types: readonly string[]
  readonly now: number
}

async function plannedApp(plan: AppPlan): Promise<PlannedApp> {
  const appId = newId("app")
  const serviceKey = newKey("gsk_").secret
  const connections = plan.types.map((type) => ({
    appId,
    type,
    serviceKey,
    accessToken: randomBytes(tokenBytes).toString("base64url"),
  }))
  const grants = await Promise.all(connections.map((connection) => plannedGrant(plan, connection)))
  return { appId, serviceKey, grants, connections }
}

async function plannedGrant(
  { vault, workspaceId, memberId, now }: AppPlan,
  { appId, type, accessToken }: SeededConnection,
): Promise<GrantWrite> {
  const record = {
    id: newId("conn"),
    workspaceId,
    appId,
    ownerKind: "app",
    ownerId: "",
    slot: `type:${type}`,
    type,
    generation: 1,
  } as const
  const scopes = ["read", "write", "profile"]
  return {
    ...record,
    connectorId: null,
    credentialSource: "operator",
    connectedBy: memberId,
    requestedScopes: scopes,
    grantedScopes: scopes,
    accountId: newId("acc"),
    accountLabel: "somebody@example.com",
    config: {},
    sealedAccessToken: await sealToken(vault, record, "access_token", accessToken),
    sealedRefreshToken: await sealToken(vault, record, "refresh_token", newKey("gsk_").secret),
    issuedAt: now,
    expiresAt: now + dayMs,
    refreshDueAt: now + dayMs / 2,
    now,
  }
}

interface Owner {
  readonly workspaceId: string
  readonly memberId: string
  readonly now: number
}

async function insertApp(
  stores: Stores,
  app: PlannedApp,
  { workspaceId, memberId, now }: Owner,
): Promise<void> {
  await stores.apps.insert({ id: app.appId, workspaceId, name: "App", createdBy: memberId, createdAt: now })
  const { hash, prefix } = describeKey(app.serviceKey)
  const key = {
    id: newId("key"),
    workspaceId,
    appId: app.appId,
    name: "backend",
    prefix,
    createdAt: now,
    lastUsedAt: null,
  }
  await stores.keys.insertServiceKey(key, hash)
  for (const grant of app.grants) {
    if (!(await stores.connections.saveGrant(grant))) throw new Error("a seeded grant could not be saved")
  }
}
