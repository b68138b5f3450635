import { type CompiledQuery, sql } from "kysely"
import type { ApiKey, KeyStore, ServiceKey } from "../stores/keys.ts"
import type { ApiKeyRow, Db, ServiceKeyRow } from "./schema.ts"
import { atomically, type Executor, insertNew, metOneRow } from "./statements.ts"

type Shown<Row> = Omit<Row, "hash">
type Use = Parameters<KeyStore["touch"]>[0][number]

/** Far below the number of parameters that either database takes in one statement. */
const USES_PER_STATEMENT = 500

const commonColumns = ["id", "workspace_id", "name", "prefix", "created_at", "last_used_at"] as const

function common(row: Pick<ApiKeyRow, (typeof commonColumns)[number]>) {
  return {
    id: row.id,
    workspaceId: row.workspace_id,
    name: row.name,
    prefix: row.prefix,
    createdAt: row.created_at,
    lastUsedAt: row.last_used_at,
  }
}

function toApiKey(row: Shown<ApiKeyRow>): ApiKey {
  return { ...common(row), memberId: row.member_id }
}

export function toServiceKey(row: Shown<ServiceKeyRow>): ServiceKey {
  return { ...common(row), appId: row.app_id }
}

function commonRow(key: ApiKey | ServiceKey, hash: Uint8Array) {
  return {
    id: key.id,
    workspace_id: key.workspaceId,
    name: key.name,
    prefix: key.prefix,
    hash,
    created_at: key.createdAt,
    last_used_at: key.lastUsedAt,
  }
}

function apiKeyQueries(executor: Executor) {
  const { db } = executor
  const columns = [...commonColumns, "member_id"] as const
  return {
    async insertApiKey(key, hash) {
      const row: ApiKeyRow = { ...commonRow(key, hash), member_id: key.memberId }
      await insertNew(executor, "API key", (on) => on.insertInto("api_keys").values(row).execute())
    },

    // The join is what ends a member's keys with the membership.
    async findApiKeyByHash(hash) {
      const row = await db
        .selectFrom("api_keys")
        .innerJoin("memberships", (join) =>
          join
            .onRef("memberships.workspace_id", "=", "api_keys.workspace_id")
            .onRef("memberships.member_id", "=", "api_keys.member_id"),
        )
        .selectAll("api_keys")
        .select("memberships.role")
        .where("api_keys.hash", "=", hash)
        .executeTakeFirst()
      return row && { ...toApiKey(row), role: row.role }
    },

    async listApiKeys(workspaceId) {
      const query = db.selectFrom("api_keys").select(columns).where("workspace_id", "=", workspaceId)
      return (await query.orderBy("created_at").orderBy("id").execute()).map(toApiKey)
    },

    async deleteApiKey(workspaceId, id) {
      const query = db.deleteFrom("api_keys").where("workspace_id", "=", workspaceId).where("id", "=", id)
      return metOneRow(await query.executeTakeFirst())
    },
  } satisfies Partial<KeyStore>
}

const serviceKeyColumns = [...commonColumns, "app_id"] as const

function serviceKeyByHash(db: Db, hash: Uint8Array) {
  return db.selectFrom("service_keys").select(serviceKeyColumns).where("hash", "=", hash)
}

/** The look-up of every caller as SQL text, to be prepared once; its parameter is the hash. */
export function compileFindServiceKey(db: Db): CompiledQuery<Shown<ServiceKeyRow>> {
  return serviceKeyByHash(db, new Uint8Array()).compile()
}

export type FoundServiceKeyRow = Shown<ServiceKeyRow> & Pick<ServiceKeyRow, "hash">

/** The same for many at once; its parameter is a JSON array of hashes in hexadecimal. PostgreSQL only. */
export function compileFindServiceKeys(db: Db): CompiledQuery<FoundServiceKeyRow> {
  const found = db
    .selectFrom("service_keys")
    .select([...serviceKeyColumns, "hash"])
    .where("hash", "=", sql<Uint8Array>`decode(wanted.hash, 'hex')`)
    .limit(sql.lit(1))
  return sql<FoundServiceKeyRow>`select found.* from json_array_elements_text(${""}) as wanted (hash)
    cross join lateral (${found}) as found`.compile(db)
}

function serviceKeyQueries(executor: Executor) {
  const { db } = executor
  return {
    async insertServiceKey(key, hash) {
      const row: ServiceKeyRow = { ...commonRow(key, hash), app_id: key.appId }
      await insertNew(executor, "service key", (on) => on.insertInto("service_keys").values(row).execute())
    },

    async findServiceKeyByHash(hash) {
      const row = await serviceKeyByHash(db, hash).executeTakeFirst()
      return row && toServiceKey(row)
    },

    async listServiceKeys(workspaceId, appId) {
      const query = db
        .selectFrom("service_keys")
        .select(serviceKeyColumns)
        .where("workspace_id", "=", workspaceId)
        .where("app_id", "=", appId)
      return (await query.orderBy("created_at").orderBy("id").execute()).map(toServiceKey)
    },

    async deleteServiceKey(workspaceId, appId, id) {
      const query = db
        .deleteFrom("service_keys")
        .where("workspace_id", "=", workspaceId)
        .where("app_id", "=", appId)
        .where("id", "=", id)
      return metOneRow(await query.executeTakeFirst())
    },
  } satisfies Partial<KeyStore>
}

/** One look-up in the primary key for each use, whatever their number. */
async function touchKeys({ db }: Executor, uses: readonly Use[]): Promise<void> {
  const rows = sql.join(uses.map(({ at, id }) => sql`(cast(${id} as text), cast(${at} as bigint))`))
  for (const table of ["api_keys", "service_keys"] as const) {
    const set = sql`update ${sql.table(table)} set last_used_at = uses.at from uses where ${sql.ref(`${table}.id`)} = uses.id`
    await sql`with uses (id, at) as (values ${rows}) ${set}`.execute(db)
  }
}

function latestPerKey(uses: readonly Use[]): readonly Use[] {
  const latest = new Map<string, Use>()
  for (const use of uses) {
    const known = latest.get(use.id)
    if (known === undefined || known.at < use.at) latest.set(use.id, use)
  }
  // One order in every replica, so that two batches cannot lock each other out.
  return [...latest.values()].sort((a, b) => (a.id < b.id ? -1 : 1))
}

export function keyStore(executor: Executor): KeyStore {
  return {
    ...apiKeyQueries(executor),
    ...serviceKeyQueries(executor),
    async touch(uses) {
      const latest = latestPerKey(uses)
      for (let start = 0; start < latest.length; start += USES_PER_STATEMENT) {
        const batch = latest.slice(start, start + USES_PER_STATEMENT)
        await atomically(executor, (within) => touchKeys(within, batch))
      }
    },
  }
}
