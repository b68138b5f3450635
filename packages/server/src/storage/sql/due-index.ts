/** What the index of due connections is made of: a query that spells it otherwise does not use the index. */
import { sql } from "kysely"
import type { SqlBool } from "kysely"

/** Which OAuth client serves the connection. */
export const dueClient = sql<string>`coalesce(connector_id, credential_source || ':' || type)`

/** Written out rather than passed as a parameter: SQLite knows only then that the partial index is meant. */
export const refreshedAhead = sql<SqlBool>`status = 'active' and refresh_ahead_at is not null`
