import { StillInUse } from "../storage-errors.ts"
import type { App, AppStore } from "../stores.ts"
import type { AppRow } from "./schema.ts"
import { atomically, type Executor, insertNew, metOneRow } from "./statements.ts"

function toApp(row: AppRow): App {
  return {
    id: row.id,
    workspaceId: row.workspace_id,
    name: row.name,
    createdBy: row.created_by,
    createdAt: row.created_at,
  }
}

function toRow(app: App): AppRow {
  return {
    id: app.id,
    workspace_id: app.workspaceId,
    name: app.name,
    created_by: app.createdBy,
    created_at: app.createdAt,
  }
}

/** The foreign key from connections has the last word when a consent arrives meanwhile. */
async function removeApp({ db, dialect }: Executor, workspaceId: string, id: string): Promise<boolean> {
  await db
    .deleteFrom("service_keys")
    .where("workspace_id", "=", workspaceId)
    .where("app_id", "=", id)
    .execute()
  await db
    .deleteFrom("connections")
    .where("workspace_id", "=", workspaceId)
    .where("app_id", "=", id)
    .where("status", "=", "disconnected")
    .execute()
  try {
    return metOneRow(
      await db
        .deleteFrom("apps")
        .where("workspace_id", "=", workspaceId)
        .where("id", "=", id)
        .executeTakeFirst(),
    )
  } catch (error) {
    if (dialect.violation(error) !== "foreign_key") throw error
    throw new StillInUse("The app still has connections. Disconnect them, then remove it.", { cause: error })
  }
}

export function appStore(executor: Executor): AppStore {
  const { db } = executor
  const findIn: AppStore["findIn"] = async (workspaceIds, id) => {
    if (workspaceIds.length === 0) return undefined
    const row = await db
      .selectFrom("apps")
      .selectAll()
      .where("workspace_id", "in", workspaceIds)
      .where("id", "=", id)
      .executeTakeFirst()
    return row && toApp(row)
  }
  return {
    async insert(app) {
      await insertNew(executor, "app", (on) => on.insertInto("apps").values(toRow(app)).execute())
    },

    find: (workspaceId, id) => findIn([workspaceId], id),
    findIn,

    async list(workspaceIds) {
      if (workspaceIds.length === 0) return []
      const rows = await db
        .selectFrom("apps")
        .selectAll()
        .where("workspace_id", "in", workspaceIds)
        .orderBy("created_at")
        .orderBy("id")
        .execute()
      return rows.map(toApp)
    },

    async rename(workspaceId, id, name) {
      const update = db.updateTable("apps").set({ name })
      return metOneRow(
        await update.where("workspace_id", "=", workspaceId).where("id", "=", id).executeTakeFirst(),
      )
    },

    remove: (workspaceId, id) => atomically(executor, (within) => removeApp(within, workspaceId, id)),
  }
}
