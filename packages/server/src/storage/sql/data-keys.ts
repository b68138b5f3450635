import type { DataKey, DataKeyStore } from "../stores/data-keys.ts"
import type { DataKeyRow } from "./schema.ts"
import { type Executor, insertNew, metOneRow } from "./statements.ts"

function toDataKey(row: DataKeyRow): DataKey {
  return {
    id: row.id,
    workspaceId: row.workspace_id,
    masterKeyId: row.master_key_id,
    wrapped: row.wrapped,
    createdAt: row.created_at,
  }
}

function toRow(key: DataKey): DataKeyRow {
  return {
    id: key.id,
    workspace_id: key.workspaceId,
    master_key_id: key.masterKeyId,
    wrapped: key.wrapped,
    created_at: key.createdAt,
  }
}

export function dataKeyStore(executor: Executor): DataKeyStore {
  const { db } = executor
  return {
    async insert(key) {
      await insertNew(executor, "data key", (on) => on.insertInto("data_keys").values(toRow(key)).execute())
    },

    async find(workspaceId, id) {
      const query = db.selectFrom("data_keys").selectAll().where("workspace_id", "=", workspaceId)
      const row = await query.where("id", "=", id).executeTakeFirst()
      return row && toDataKey(row)
    },

    async findCurrent(workspaceId) {
      const query = db.selectFrom("data_keys").selectAll().where("workspace_id", "=", workspaceId)
      const row = await query.orderBy("created_at", "desc").orderBy("id", "desc").limit(1).executeTakeFirst()
      return row && toDataKey(row)
    },

    async listWrappedByOthers(masterKeyId, limit) {
      const query = db.selectFrom("data_keys").selectAll().where("master_key_id", "!=", masterKeyId)
      return (await query.orderBy("id").limit(limit).execute()).map(toDataKey)
    },

    async rewrap(key, next) {
      const update = db
        .updateTable("data_keys")
        .set({ master_key_id: next.masterKeyId, wrapped: next.wrapped })
        .where("workspace_id", "=", key.workspaceId)
        .where("id", "=", key.id)
        .where("master_key_id", "=", key.masterKeyId)
      return metOneRow(await update.executeTakeFirst())
    },
  }
}
