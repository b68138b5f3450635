import { sql } from "kysely"

/** Written out rather than passed as a parameter: only then do both databases see that a partial index is meant. */
export const pending = sql.lit<"pending">("pending")
