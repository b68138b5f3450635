import { sql } from "kysely"
import type { DataKey, DataKeyStore } from "../stores/data-keys.ts"
import type { DataKeyRow, Db } from "./schema.ts"
import { type Executor, metOneRow } from "./statements.ts"

function toDataKey(row: DataKeyRow): DataKey {
  return {
    id: row.id,
    workspaceId: row.workspace_id,
    epoch: row.epoch,
    masterKeyId: row.master_key_id,
    wrapped: row.wrapped,
    createdAt: row.created_at,
  }
}

function toRow(key: DataKey, sealsReserved: number): DataKeyRow {
  return {
    id: key.id,
    workspace_id: key.workspaceId,
    master_key_id: key.masterKeyId,
    wrapped: key.wrapped,
    created_at: key.createdAt,
    epoch: key.epoch,
    seals_reserved: sealsReserved,
  }
}

const countRows = sql<number>`count(*)`.as("count")

/** The newest key of each workspace. */
function currentKeys(db: Db) {
  return db
    .selectFrom("data_keys")
    .where((is) =>
      is.not(
        is.exists(
          is
            .selectFrom("data_keys as newer")
            .select("newer.id")
            .whereRef("newer.workspace_id", "=", "data_keys.workspace_id")
            .whereRef("newer.epoch", ">", "data_keys.epoch"),
        ),
      ),
    )
}

export function dataKeyStore({ db }: Executor): DataKeyStore {
  return {
    async insert(key, sealsReserved) {
      const insert = db
        .insertInto("data_keys")
        .values(toRow(key, sealsReserved))
        .onConflict((conflict) => conflict.columns(["workspace_id", "epoch"]).doNothing())
      return ((await insert.executeTakeFirst()).numInsertedOrUpdatedRows ?? 0n) > 0n
    },

    async find(workspaceId, id) {
      const query = db.selectFrom("data_keys").selectAll().where("workspace_id", "=", workspaceId)
      const row = await query.where("id", "=", id).executeTakeFirst()
      return row && toDataKey(row)
    },

    async findCurrent(workspaceId) {
      const query = db.selectFrom("data_keys").selectAll().where("workspace_id", "=", workspaceId)
      const row = await query.orderBy("epoch", "desc").limit(1).executeTakeFirst()
      return row && toDataKey(row)
    },

    async reserveSeals(key, { budget, count }) {
      const update = db
        .updateTable("data_keys")
        .set({ seals_reserved: sql<number>`seals_reserved + ${count}` })
        .where("workspace_id", "=", key.workspaceId)
        .where("id", "=", key.id)
        .where("seals_reserved", "<=", budget - count)
      return metOneRow(await update.executeTakeFirst())
    },

    async listCurrentBefore(createdBefore, limit) {
      const query = currentKeys(db).selectAll().where("created_at", "<", createdBefore)
      return (await query.orderBy("id").limit(limit).execute()).map(toDataKey)
    },

    async listWrappedByOthers(masterKeyId, limit) {
      const query = db.selectFrom("data_keys").selectAll().where("master_key_id", "!=", masterKeyId)
      return (await query.orderBy("id").limit(limit).execute()).map(toDataKey)
    },

    async countWrappedByOthers(masterKeyId) {
      const query = db.selectFrom("data_keys").where("master_key_id", "!=", masterKeyId)
      const { count } = await query.select(countRows).executeTakeFirstOrThrow()
      return Number(count)
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

    async use() {
      const all = await db.selectFrom("data_keys").select(countRows).executeTakeFirstOrThrow()
      const newest = await currentKeys(db)
        .select([countRows, sql<number | null>`max(seals_reserved)`.as("most")])
        .executeTakeFirstOrThrow()
      return {
        keys: Number(all.count),
        workspaces: Number(newest.count),
        mostSealsReserved: Number(newest.most ?? 0),
      }
    },
  }
}
