/** What the indexes that find an app's users are made of: a query that spells it otherwise does not use them. */
import { type RawBuilder, sql, type SqlBool } from "kysely"
import type { Dialect } from "./dialect.ts"

/** Byte by byte: only then is what begins with a text a range. SQLite compares so unless told otherwise. */
function byBytes(dialect: Dialect, text: RawBuilder<string>): RawBuilder<string> {
  return dialect.name === "postgres" ? sql<string>`(${text} collate "C")` : text
}

export function userKey(dialect: Dialect): RawBuilder<string> {
  return byBytes(dialect, sql<string>`owner_id`)
}

/** Letters of ASCII in either case are one; of others, as far as the database knows them. */
export function accountKey(dialect: Dialect): RawBuilder<string> {
  return byBytes(dialect, sql<string>`lower(account_label)`)
}

/** Written out rather than passed as a parameter: SQLite knows only then that the partial index is meant. */
export const ofUsers = sql<SqlBool>`owner_kind = 'app_user'`
export const ofNamedUsers = sql<SqlBool>`owner_kind = 'app_user' and account_label is not null`
