import type { ConnectionStore, GrantWrite } from "../stores/connections.ts"
import { connectionHealth } from "./connection-health.ts"
import { connectionReads } from "./connection-reads.ts"
import { connectionSearch } from "./connection-search.ts"
import { connectionRefreshes, type DueQueries } from "./connection-refresh.ts"
import { addressColumns, grantColumns } from "./connection-row.ts"
import type { ConnectionRow } from "./schema.ts"
import { type Executor, metOneRow, tryConstrained } from "./statements.ts"

async function insertGrant(executor: Executor, grant: GrantWrite): Promise<boolean> {
  const row: ConnectionRow = {
    ...addressColumns(grant),
    ...grantColumns(grant),
    id: grant.id,
    version: 1,
    created_at: grant.now,
  }
  const outcome = await tryConstrained(executor, (db) => db.insertInto("connections").values(row).execute())
  return "result" in outcome
}

/** The address is part of the condition: a grant never moves a connection to another owner. */
async function replaceGrant(executor: Executor, grant: GrantWrite): Promise<boolean> {
  const address = addressColumns(grant)
  const outcome = await tryConstrained(executor, (db) =>
    db
      .updateTable("connections")
      .set((of) => ({ ...grantColumns(grant), version: of("version", "+", 1) }))
      .where("workspace_id", "=", address.workspace_id)
      .where("id", "=", grant.id)
      .where("app_id", "=", address.app_id)
      .where("owner_kind", "=", address.owner_kind)
      .where("owner_id", "=", address.owner_id)
      .where("slot", "=", address.slot)
      .where("generation", "=", grant.generation - 1)
      .executeTakeFirst(),
  )
  return "result" in outcome && metOneRow(outcome.result)
}

export type SqlConnectionStore = ConnectionStore & DueQueries

export function connectionStore(executor: Executor): SqlConnectionStore {
  const { db } = executor
  return {
    ...connectionReads(executor),
    ...connectionSearch(executor),
    ...connectionHealth(executor),
    ...connectionRefreshes(executor),

    saveGrant: (grant) =>
      grant.generation === 1 ? insertGrant(executor, grant) : replaceGrant(executor, grant),

    async disconnect(workspaceId, id, now) {
      const update = db
        .updateTable("connections")
        .set((of) => ({
          status: "disconnected" as const,
          status_changed_at: of
            .case()
            .when("status", "=", "disconnected")
            .then(of.ref("status_changed_at"))
            .else(of.val(now))
            .end(),
          sealed_access_token: null,
          sealed_refresh_token: null,
          issued_at: null,
          expires_at: null,
          refresh_due_at: null,
          refresh_ahead_at: null,
          generation: of("generation", "+", 1),
          version: of("version", "+", 1),
          lease_owner: null,
          lease_until: null,
          failures: 0,
          retry_at: null,
          last_refresh_error_json: null,
          updated_at: now,
        }))
        .where("workspace_id", "=", workspaceId)
        .where("id", "=", id)
      return metOneRow(await update.executeTakeFirst())
    },

    async remove(workspaceId, id) {
      const removal = db
        .deleteFrom("connections")
        .where("workspace_id", "=", workspaceId)
        .where("id", "=", id)
      return metOneRow(await removal.executeTakeFirst())
    },
  }
}
