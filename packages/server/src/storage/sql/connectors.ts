import { StillInUse } from "../storage-errors.ts"
import type { Connector, ConnectorStore } from "../stores/connectors.ts"
import { parseConfig, parseScopes, toJson } from "./json-column.ts"
import type { ConnectorRow } from "./schema.ts"
import { atomically, type Executor, metOneRow, tryConstrained } from "./statements.ts"

function toConnector(row: ConnectorRow): Connector {
  return {
    id: row.id,
    workspaceId: row.workspace_id,
    type: row.type,
    name: row.name,
    credentialSource: row.credential_source,
    clientId: row.client_id,
    sealedClientSecret: row.sealed_client_secret,
    scopes: parseScopes(row.scopes_json),
    config: parseConfig(row.config_json),
    clientProblem: row.client_problem,
    version: row.version,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  }
}

function toRow(connector: Connector): ConnectorRow {
  return {
    id: connector.id,
    workspace_id: connector.workspaceId,
    type: connector.type,
    name: connector.name,
    credential_source: connector.credentialSource,
    client_id: connector.clientId,
    sealed_client_secret: connector.sealedClientSecret,
    scopes_json: toJson(connector.scopes),
    config_json: toJson(connector.config),
    client_problem: connector.clientProblem,
    version: connector.version,
    created_at: connector.createdAt,
    updated_at: connector.updatedAt,
  }
}

async function updateConnector(
  executor: Executor,
  connector: Connector,
  expectedVersion: number,
): Promise<"updated" | "stale" | "name_taken"> {
  const { id, workspace_id, created_at: _, ...changes } = toRow(connector)
  const outcome = await tryConstrained(executor, (db) =>
    db
      .updateTable("connectors")
      .set({ ...changes, version: expectedVersion + 1 })
      .where("workspace_id", "=", workspace_id)
      .where("id", "=", id)
      .where("version", "=", expectedVersion)
      .executeTakeFirst(),
  )
  if ("violation" in outcome) return "name_taken"
  return metOneRow(outcome.result) ? "updated" : "stale"
}

/** The foreign key from connections has the last word when a consent arrives meanwhile. */
async function removeConnector({ db, dialect }: Executor, workspaceId: string, id: string): Promise<boolean> {
  await db
    .deleteFrom("connections")
    .where("workspace_id", "=", workspaceId)
    .where("connector_id", "=", id)
    .where("status", "=", "disconnected")
    .execute()
  const removal = db.deleteFrom("connectors").where("workspace_id", "=", workspaceId).where("id", "=", id)
  try {
    return metOneRow(await removal.executeTakeFirst())
  } catch (error) {
    if (dialect.violation(error) !== "foreign_key") throw error
    throw new StillInUse("The connector still has connections. Disconnect them, then remove it.", {
      cause: error,
    })
  }
}

function connectorReads({ db }: Executor) {
  return {
    async find(workspaceId, id) {
      const query = db.selectFrom("connectors").selectAll().where("workspace_id", "=", workspaceId)
      const row = await query.where("id", "=", id).executeTakeFirst()
      return row && toConnector(row)
    },

    async findAnywhere(id) {
      const row = await db.selectFrom("connectors").selectAll().where("id", "=", id).executeTakeFirst()
      return row && toConnector(row)
    },

    async list(workspaceId) {
      const query = db.selectFrom("connectors").selectAll().where("workspace_id", "=", workspaceId)
      return (await query.orderBy("created_at").orderBy("id").execute()).map(toConnector)
    },

    async findByType(workspaceId, type) {
      const query = db
        .selectFrom("connectors")
        .selectAll()
        .where("workspace_id", "=", workspaceId)
        .where("type", "=", type)
      const row = await query.orderBy("created_at").orderBy("id").limit(1).executeTakeFirst()
      return row && toConnector(row)
    },
  } satisfies Partial<ConnectorStore>
}

export function connectorStore(executor: Executor): ConnectorStore {
  const { db } = executor
  return {
    ...connectorReads(executor),

    async insert(connector) {
      const result = await db
        .insertInto("connectors")
        .values(toRow(connector))
        .onConflict((conflict) => conflict.columns(["workspace_id", "name"]).doNothing())
        .executeTakeFirst()
      return (result.numInsertedOrUpdatedRows ?? 0n) > 0n
    },

    update: (connector, expectedVersion) => updateConnector(executor, connector, expectedVersion),

    async setClientProblem(workspaceId, id, problem) {
      await db
        .updateTable("connectors")
        .set({ client_problem: problem })
        .where("workspace_id", "=", workspaceId)
        .where("id", "=", id)
        .execute()
    },

    remove: (workspaceId, id) => atomically(executor, (within) => removeConnector(within, workspaceId, id)),
  }
}
