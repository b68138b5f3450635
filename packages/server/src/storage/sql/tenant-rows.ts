import { sql } from "kysely"
import type { TenantRowStore } from "../stores/tenant-rows.ts"
import type { Tables } from "./schema.ts"
import { type Executor, tryConstrained } from "./statements.ts"

type TenantTable = {
  [Table in keyof Tables]: "workspace_id" extends keyof Tables[Table] ? Table : never
}[keyof Tables]

/** The record that stays names the workspace and nobody. */
type RemovedTable = Exclude<TenantTable, "workspace_closures">

/**
 * In which order the rows go, so that no row refers to one that is gone. A table that is missing here does not compile;
 * those with the same number may go in any order.
 */
const removalOrder: Readonly<Record<RemovedTable, number>> = {
  data_keys: 0,
  webhook_deliveries: 1,
  webhook_endpoints: 2,
  connections: 1,
  revocations: 1,
  attempts: 1,
  service_keys: 1,
  allowed_origins: 1,
  identity_issuers: 1,
  signing_keys: 1,
  api_keys: 1,
  memberships: 1,
  invitations: 1,
  audit_events: 1,
  audit_chains: 1,
  refresh_outcomes: 1,
  disconnect_jobs: 1,
  connectors: 2,
  apps: 2,
}

export const tenantTables: readonly RemovedTable[] = (Object.keys(removalOrder) as RemovedTable[]).sort(
  (one, other) => removalOrder[one] - removalOrder[other],
)

const accessTables = ["memberships", "invitations", "api_keys", "service_keys"] as const

async function removeSome({ db, dialect }: Executor, workspaceId: string, limit: number): Promise<number> {
  for (const table of tenantTables) {
    const row = dialect.rowAddress
    const { numAffectedRows } = await sql`delete from ${sql.table(table)} where ${row} in (
      select ${row} from ${sql.table(table)} where workspace_id = ${workspaceId} limit ${sql.lit(limit)})`.execute(
      db,
    )
    const removed = Number(numAffectedRows ?? 0n)
    if (removed > 0) return removed
  }
  return 0
}

export function tenantRowStore(executor: Executor): TenantRowStore {
  const { db } = executor
  return {
    async removeAccess(workspaceId) {
      for (const table of accessTables)
        await db.deleteFrom(table).where("workspace_id", "=", workspaceId).execute()
    },

    async destroyDataKeys(workspaceId) {
      // Of the same length, so that it takes the place of what it overwrites.
      const keys = await db
        .selectFrom("data_keys")
        .select(["id", "wrapped"])
        .where("workspace_id", "=", workspaceId)
        .execute()
      for (const { id, wrapped } of keys) {
        const update = db.updateTable("data_keys").set({ wrapped: Buffer.alloc(wrapped.length) })
        await update.where("workspace_id", "=", workspaceId).where("id", "=", id).execute()
      }
      await db.deleteFrom("data_keys").where("workspace_id", "=", workspaceId).execute()
      return keys.length
    },

    removeSome: (workspaceId, limit) => removeSome(executor, workspaceId, limit),

    async removeWorkspace(workspaceId) {
      const removed = await tryConstrained(executor, (on) =>
        on.deleteFrom("workspaces").where("id", "=", workspaceId).executeTakeFirst(),
      )
      return !("violation" in removed)
    },
  }
}
