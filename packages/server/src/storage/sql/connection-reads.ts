import { type CompiledQuery, type RawBuilder, type SelectQueryBuilder, sql } from "kysely"
import type {
  ConnectionAddress,
  ConnectionQuery,
  ConnectionStore,
  WorkspacePage,
} from "../stores/connections.ts"
import type { Covers } from "../stores/disconnect-jobs.ts"
import { isOpenWorkspace } from "./closed-workspaces.ts"
import { addressColumns, connectionColumns, type ReadConnectionRow, toConnection } from "./connection-row.ts"
import type { ConnectionRow, Db, Tables } from "./schema.ts"
import type { Executor } from "./statements.ts"

const addressColumnNames = ["workspace_id", "app_id", "owner_kind", "owner_id", "slot"] as const

type AddressValue = string | RawBuilder<string>

function byAddress(db: Db, value: (column: (typeof addressColumnNames)[number]) => AddressValue) {
  let rows = db.selectFrom("connections").select(connectionColumns)
  for (const column of addressColumnNames) rows = rows.where(sql.ref(column), "=", value(column))
  return rows.where(isOpenWorkspace("connections.workspace_id"))
}

/** The hot read as SQL text, to be prepared once; its parameters are those of `addressParameters`. */
export function compileFindByAddress(db: Db): CompiledQuery<ConnectionRow> {
  return byAddress(db, () => "").compile()
}

/**
 * The same for many addresses at once; its parameter is a JSON array of `addressColumns`. Every address is one look into
 * the unique index, whatever the planner knows of the table, and one plan serves any number of them: of an array it would
 * count the elements, and plan anew each time. PostgreSQL only.
 */
export function compileFindByAddresses(db: Db): CompiledQuery<ConnectionRow> {
  const columns = sql.join(addressColumnNames.map((column) => sql`${sql.ref(column)} text`))
  const found = byAddress(db, (column) => sql.ref(`wanted.${column}`)).limit(sql.lit(1))
  return sql<ConnectionRow>`select found.* from json_to_recordset(${""}) as wanted (${columns})
    cross join lateral (${found}) as found`.compile(db)
}

export function addressParameters(address: ConnectionAddress): string[] {
  const columns = addressColumns(address)
  return addressColumnNames.map((column) => columns[column])
}

/** One provider account seen through one OAuth client is one grant at most providers: revoking it once ends it for all. */
async function countSharingGrant(
  db: Db,
  connection: Parameters<ConnectionStore["countSharingGrant"]>[0],
  typesOfClient: readonly string[],
): Promise<number> {
  if (connection.accountId === null) return 0
  const others = db
    .selectFrom("connections")
    .select((of) => of.fn.countAll<number>().as("count"))
    .where("connections.account_id", "=", connection.accountId)
    .where("connections.status", "=", "active")
    .where("connections.id", "!=", connection.id)
  const { connectorId, workspaceId } = connection
  if (connectorId === null) {
    const row = await others
      .where("connections.connector_id", "is", null)
      .where("connections.credential_source", "=", connection.credentialSource)
      .where("connections.type", "in", typesOfClient)
      .executeTakeFirstOrThrow()
    return row.count
  }
  const clientId = db
    .selectFrom("connectors as own")
    .select("own.client_id")
    .where("own.workspace_id", "=", workspaceId)
    .where("own.id", "=", connectorId)
  const row = await others
    .innerJoin("connectors", (join) =>
      join
        .onRef("connectors.workspace_id", "=", "connections.workspace_id")
        .onRef("connectors.id", "=", "connections.connector_id"),
    )
    .where("connections.workspace_id", "=", workspaceId)
    .where((of) => of.or([of("connectors.id", "=", connectorId), of("connectors.client_id", "=", clientId)]))
    .executeTakeFirstOrThrow()
  return row.count
}

type Selection = SelectQueryBuilder<Tables, "connections", ReadConnectionRow>

/** In the order of the unique index on addresses: a page costs what is on it, wherever it begins. */
function pageOf(rows: Selection, query: ConnectionQuery): Selection {
  const { after, appId, connectorId, limit, ownerId, ownerKind, statuses, workspaceId } = query
  let page = rows.where("workspace_id", "=", workspaceId).where("app_id", "=", appId)
  if (ownerKind !== undefined) page = page.where("owner_kind", "=", ownerKind)
  if (ownerId !== undefined) page = page.where("owner_id", "=", ownerId)
  if (connectorId !== undefined) page = page.where("connector_id", "=", connectorId)
  if (statuses !== undefined) page = page.where("status", "in", statuses)
  if (after !== undefined) {
    const last = [after.ownerKind, after.ownerId, after.slot] as const
    page = page.where((of) => of(of.refTuple("owner_kind", "owner_id", "slot"), ">", of.tuple(...last)))
  }
  return page.orderBy("owner_kind").orderBy("owner_id").orderBy("slot").limit(limit)
}

/** Everything of a workspace, or of one app in it: in the order of the unique index, disconnected ones included. */
function everything(rows: Selection, { after, appId, limit, workspaceId }: WorkspacePage): Selection {
  let page = rows.where("workspace_id", "=", workspaceId)
  if (appId !== null) page = page.where("app_id", "=", appId)
  if (after !== null) {
    const last = [after.appId, after.ownerKind, after.ownerId, after.slot] as const
    const place = ["app_id", "owner_kind", "owner_id", "slot"] as const
    page = page.where((of) => of(of.refTuple(...place), ">", of.tuple(...last)))
  }
  return page.orderBy("app_id").orderBy("owner_kind").orderBy("owner_id").orderBy("slot").limit(limit)
}

async function countCovered(db: Db, workspaceId: string, covers: Covers): Promise<number> {
  const { appId, connectedBy, connectorId, type, userId } = covers
  let rows = db
    .selectFrom("connections")
    .select((of) => of.fn.countAll<number | string>().as("count"))
    .where("workspace_id", "=", workspaceId)
    .where("status", "!=", "disconnected")
  if (appId !== null) rows = rows.where("app_id", "=", appId)
  if (userId !== null) rows = rows.where("owner_kind", "=", "app_user").where("owner_id", "=", userId)
  if (type !== null) rows = rows.where("type", "=", type)
  if (connectorId !== null) rows = rows.where("connector_id", "=", connectorId)
  if (connectedBy !== null) rows = rows.where("connected_by", "=", connectedBy)
  return Number((await rows.executeTakeFirstOrThrow()).count)
}

export function connectionReads({ db }: Executor) {
  const select = () => db.selectFrom("connections").select(connectionColumns)
  return {
    async findByAddress(address) {
      const columns = addressColumns(address)
      const row = await byAddress(db, (column) => columns[column]).executeTakeFirst()
      return row && toConnection(row)
    },

    findByAddressCached: () => undefined,

    async findById(workspaceId, id) {
      const row = await select()
        .where("workspace_id", "=", workspaceId)
        .where("id", "=", id)
        .executeTakeFirst()
      return row && toConnection(row)
    },

    async listByApp(workspaceId, appId, ownerKind) {
      const rows = await select()
        .where("workspace_id", "=", workspaceId)
        .where("app_id", "=", appId)
        .where("owner_kind", "=", ownerKind)
        .orderBy("created_at")
        .orderBy("id")
        .execute()
      return rows.map(toConnection)
    },

    async listPage(query) {
      const rows = await pageOf(select(), query).execute()
      return rows.map(toConnection)
    },

    async listEverything(page) {
      return (await everything(select(), page).execute()).map(toConnection)
    },

    countCovered: (workspaceId, covers) => countCovered(db, workspaceId, covers),

    async listByMember(workspaceId, memberId, { after, limit }) {
      const theirs = select()
        .where("workspace_id", "=", workspaceId)
        .where("connected_by", "=", memberId)
        .where("status", "!=", "disconnected")
      const rest = after === undefined ? theirs : theirs.where("id", ">", after)
      return (await rest.orderBy("id").limit(limit).execute()).map(toConnection)
    },

    async listByConnector(workspaceId, connectorId, { after, limit }) {
      const ofConnector = select()
        .where("workspace_id", "=", workspaceId)
        .where("connector_id", "=", connectorId)
      const rest = after === undefined ? ofConnector : ofConnector.where("id", ">", after)
      return (await rest.orderBy("id").limit(limit).execute()).map(toConnection)
    },

    countSharingGrant: (connection, typesOfClient = [connection.type]) =>
      typesOfClient.length === 0 ? Promise.resolve(0) : countSharingGrant(db, connection, typesOfClient),
  } satisfies Partial<ConnectionStore>
}
