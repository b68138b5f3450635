import { type RawBuilder, sql, type SqlBool } from "kysely"
import type { ConnectionStore, UserSearch } from "../stores/connections.ts"
import { connectionColumns, toConnection } from "./connection-row.ts"
import type { Executor } from "./statements.ts"
import { accountKey, ofNamedUsers, ofUsers, userKey } from "./user-index.ts"

/** Greater than whatever follows a text in one that begins with it. */
const afterAll = "\u{10ffff}"

function begins(key: RawBuilder<string>, start: RawBuilder<string>, end: RawBuilder<string>) {
  return sql<SqlBool>`(${key} >= ${start} and ${key} < ${end})`
}

function userBegins({ dialect }: Executor, text: string) {
  return begins(userKey(dialect), sql`${text}`, sql`${text + afterAll}`)
}

/** Each by its index: a page costs what is on it, however many users an app has. */
export function connectionSearch(executor: Executor) {
  const { db, dialect } = executor
  const ofApp = ({ appId, limit, workspaceId }: UserSearch) =>
    db
      .selectFrom("connections")
      .select(connectionColumns)
      .where("workspace_id", "=", workspaceId)
      .where("app_id", "=", appId)
      .limit(limit)
  return {
    async listByUserStart(search, after) {
      const key = userKey(dialect)
      let page = ofApp(search).where(ofUsers).where(userBegins(executor, search.text))
      if (after) page = page.where(sql<SqlBool>`(${key}, slot) > (${after.ownerId}, ${after.slot})`)
      return (await page.orderBy(key).orderBy("slot").execute()).map(toConnection)
    },

    async listByAccountStart(search, after) {
      const key = accountKey(dialect)
      const [start, end] = [sql<string>`lower(${search.text})`, sql<string>`lower(${search.text + afterAll})`]
      let page = ofApp(search)
        .select(sql<string>`lower(account_label)`.as("account_key"))
        .where(ofNamedUsers)
        .where(begins(key, start, end))
        .where(sql<SqlBool>`not ${userBegins(executor, search.text)}`)
      if (after) page = page.where(sql<SqlBool>`(${key}, id) > (${after.accountKey}, ${after.id})`)
      const rows = await page.orderBy(key).orderBy("id").execute()
      return rows.map((row) => ({ connection: toConnection(row), accountKey: row.account_key }))
    },
  } satisfies Partial<ConnectionStore>
}
