/** A database full of real connections, sealed by the server's own vault. */
import { randomBytes } from "node:crypto"
import { join } from "node:path"
import { describeKey, newKey } from "../packages/server/src/callers/keys.ts"
import { sealToken } from "../packages/server/src/connections/sealed-tokens.ts"
import { newId } from "../packages/server/src/random.ts"
import { openStorage } from "../packages/server/src/storage/open-storage.ts"
import { addressColumns, grantColumns } from "../packages/server/src/storage/sql/connection-row.ts"
import type { Storage } from "../packages/server/src/storage/storage.ts"
import type { GrantWrite } from "../packages/server/src/storage/stores/connections.ts"
import { type BulkRows, openBulk, type Row } from "./bulk-rows.ts"
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

const appsAtOnce = 500
const dayMs = 86_400_000
/** About as long as the tokens of the large providers. */
const tokenBytes = 150

export function databaseUrl(dataDir: string): string {
  return `file:${join(dataDir, "grantry.db")}`
}

/** @returns the connections, or as many of them as `kept` says, spread over all of them */
export async function seed(
  url: string,
  masterKey: string,
  plan: SeedPlan,
  kept = Infinity,
): Promise<readonly SeededConnection[]> {
  const storage = await openStorage({ url })
  const now = Date.now()
  const vault = createVault({
    masterKeys: parseMasterKeys(masterKey),
    dataKeys: storage.dataKeys,
    newId: () => newId("dk"),
    now: () => now,
  })
  const bulk = await openBulk(url)
  const total = plan.workspaces * plan.appsPerWorkspace * plan.types.length
  const every = Math.max(1, Math.floor(total / kept))
  try {
    const seeded: SeededConnection[] = []
    let count = 0
    for (let index = 0; index < plan.workspaces; index += 1) {
      const owner = await seedOwner(storage, now)
      await seedApps(bulk, { vault, types: plan.types, ...owner }, plan.appsPerWorkspace, (connection) => {
        if (count % every === 0) seeded.push(connection)
        count += 1
      })
    }
    return seeded
  } finally {
    await bulk.close()
    await storage.close()
  }
}

async function seedOwner(storage: Storage, now: number): Promise<Owner> {
  const workspaceId = newId("ws")
  const memberId = newId("mem")
  const member = { id: memberId, email: `${memberId}@example.com`, name: "Owner", createdAt: now }
  await storage.accounts.insertMember(member)
  const workspace = { id: workspaceId, name: "Team", plan: "free", personalOf: memberId, createdAt: now }
  await storage.accounts.insertWorkspace(workspace)
  return { workspaceId, memberId, now }
}

async function seedApps(
  bulk: BulkRows,
  plan: AppPlan,
  count: number,
  seeded: (connection: SeededConnection) => void,
): Promise<void> {
  for (let done = 0; done < count; done += appsAtOnce) {
    const size = Math.min(appsAtOnce, count - done)
    const apps = await Promise.all(Array.from({ length: size }, () => plannedApp(plan)))
    const { memberId, now, workspaceId } = plan
    await bulk.insert(
      "apps",
      apps.map(({ appId }) => ({
        id: appId,
        workspace_id: workspaceId,
        name: "App",
        created_by: memberId,
        created_at: now,
      })),
    )
    await bulk.insert(
      "service_keys",
      apps.map((app) => keyRow(app, plan)),
    )
    await bulk.insert("connections", apps.flatMap(({ grants }) => grants).map(connectionRow))
    for (const { connections } of apps) connections.forEach(seeded)
  }
}

function keyRow({ appId, serviceKey }: PlannedApp, { now, workspaceId }: Owner): Row {
  const { hash, prefix } = describeKey(serviceKey)
  const common = { workspace_id: workspaceId, app_id: appId, created_at: now, last_used_at: null }
  return { ...common, id: newId("key"), name: "backend", prefix, hash }
}

function connectionRow(grant: GrantWrite): Row {
  return { ...addressColumns(grant), ...grantColumns(grant), id: grant.id, version: 1, created_at: grant.now }
}

interface Owner {
  readonly workspaceId: string
  readonly memberId: string
  readonly now: number
}

interface PlannedApp {
  readonly appId: string
  readonly serviceKey: string
  readonly grants: readonly GrantWrite[]
  readonly connections: readonly SeededConnection[]
}

interface AppPlan extends Owner {
  readonly vault: Vault
  readonly types: readonly string[]
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
    refreshAheadAt: now + dayMs / 2,
    now,
  }
}
