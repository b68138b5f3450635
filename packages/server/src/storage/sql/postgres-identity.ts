/** What PostgreSQL says of itself: its time, and which database this is. */
import { sql } from "kysely"
import type { Db } from "./schema.ts"

/** The middle of the question's way is taken for the moment at which the database looked at its clock. */
export async function clockSkewMs(db: Db): Promise<number> {
  const before = Date.now()
  const startedAt = performance.now()
  const { rows } = await sql<{ now: number }>`
    select (extract(epoch from clock_timestamp()) * 1000)::bigint as now`.execute(db)
  const tookMs = performance.now() - startedAt
  const skewMs = Math.round((rows[0]?.now ?? before) - (before + tookMs / 2))
  // What the question's way may have cost says nothing about the clocks.
  return Math.abs(skewMs) <= tookMs / 2 ? 0 : skewMs
}

/** A dump that was restored is another database of the same cluster, or one of another cluster. */
export async function fingerprint(db: Db): Promise<string> {
  const { rows } = await sql<{ cluster: string; database: string }>`
    select (select system_identifier from pg_control_system())::text as cluster,
      (select oid from pg_database where datname = current_database())::text as database`.execute(db)
  return `postgres ${rows[0]?.cluster} ${rows[0]?.database}`
}
