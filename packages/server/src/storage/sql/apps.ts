import { StillInUse } from "../storage-errors.ts"
import type { App, AppStore, NewApp } from "../stores/apps.ts"
import { allowedOriginQueries } from "./allowed-origins.ts"
import { isOpenWorkspace } from "./closed-workspaces.ts"
import type { AppRow } from "./schema.ts"
import { atomically, type Executor, insertNew, metOneRow } from "./statements.ts"
import { removeEndpointsOfApp } from "./webhooks.ts"

function toApp(row: AppRow): App {
  return {
    id: row.id,
    workspaceId: row.workspace_id,
    name: row.name,
    createdBy: row.created_by,
    createdAt: row.created_at,
    functionsUpstream: row.functions_upstream,
    backendFunctionsEnabled: row.backend_functions_enabled === 1,
    connectCompletion: row.connect_completion,
  }
}

function toRow(app: NewApp): AppRow {
  return {
    id: app.id,
    workspace_id: app.workspaceId,
    name: app.name,
    created_by: app.createdBy,
    created_at: app.createdAt,
    functions_upstream: null,
    backend_functions_enabled: 1,
    connect_completion: "confirm",
  }
}

function toChangedColumns(changes: Parameters<AppStore["update"]>[2]): Partial<AppRow> {
  const { backendFunctionsEnabled, connectCompletion, functionsUpstream, name } = changes
  return {
    ...(name !== undefined && { name }),
    ...(functionsUpstream !== undefined && { functions_upstream: functionsUpstream }),
    ...(backendFunctionsEnabled !== undefined && {
      backend_functions_enabled: backendFunctionsEnabled ? 1 : 0,
    }),
    ...(connectCompletion !== undefined && { connect_completion: connectCompletion }),
  }
}

const isOpen = isOpenWorkspace("apps.workspace_id")

/** The foreign key from connections has the last word when a consent arrives meanwhile. */
async function removeApp({ db, dialect }: Executor, workspaceId: string, id: string): Promise<boolean> {
  for (const table of ["service_keys", "allowed_origins", "identity_issuers"] as const) {
    await db.deleteFrom(table).where("workspace_id", "=", workspaceId).where("app_id", "=", id).execute()
  }
  await removeEndpointsOfApp(db, workspaceId, id)
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
      .where(isOpen)
      .executeTakeFirst()
    return row && toApp(row)
  }
  return {
    ...allowedOriginQueries(executor),

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
        .where(isOpen)
        .orderBy("created_at")
        .orderBy("id")
        .execute()
      return rows.map(toApp)
    },

    async findAnywhere(id) {
      const row = await db
        .selectFrom("apps")
        .selectAll()
        .where("id", "=", id)
        .where(isOpen)
        .executeTakeFirst()
      return row && toApp(row)
    },

    async update(workspaceId, id, changes) {
      const columns = toChangedColumns(changes)
      if (Object.keys(columns).length === 0) return (await findIn([workspaceId], id)) !== undefined
      const update = db.updateTable("apps").set(columns)
      return metOneRow(
        await update.where("workspace_id", "=", workspaceId).where("id", "=", id).executeTakeFirst(),
      )
    },

    remove: (workspaceId, id) => atomically(executor, (within) => removeApp(within, workspaceId, id)),
  }
}
