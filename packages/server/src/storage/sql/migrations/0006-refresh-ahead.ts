/** When a connection is refreshed ahead of time, apart from when a reader has it refreshed; and who waits for that. */
import { sql } from "kysely"
import type { Dialect } from "../dialect.ts"
import type { Db } from "../schema.ts"

async function addColumn(db: Db, dialect: Dialect): Promise<void> {
  await db.schema
    .alterTable("connections")
    .addColumn("refresh_ahead_at", dialect.columnTypes.milliseconds)
    .execute()
  // What stands is refreshed when a reader would have had it refreshed, and at its own time from then on.
  await sql`update connections set refresh_ahead_at = refresh_due_at where status = 'active'`.execute(db)
}

async function createIndexes(db: Db, dialect: Dialect): Promise<void> {
  await db.schema.dropIndex("connections_due").execute()
  await sql`create index connections_due on connections
    (coalesce(connector_id, credential_source || ':' || type), refresh_ahead_at, id)
    where status = 'active' and refresh_ahead_at is not null`.execute(db)
  // One process owns the file: at its start it ends the leases that a process before it left behind.
  if (dialect.name === "sqlite") {
    await sql`create index connections_leased on connections (id) where lease_owner is not null`.execute(db)
  }
}

/** Whoever waits for another replica's refresh is told when the row has moved or its lease was given back. */
async function notifyWaiters(db: Db): Promise<void> {
  await sql`create function grantry_connection_moved() returns trigger language plpgsql as $$
    begin perform pg_notify('grantry_connections', new.id); return null; end $$`.execute(db)
  await sql`create trigger connection_moved after update on connections for each row
    when (old.version is distinct from new.version or (old.lease_owner is not null and new.lease_owner is null))
    execute function grantry_connection_moved()`.execute(db)
}

export async function up(db: Db, dialect: Dialect): Promise<void> {
  await addColumn(db, dialect)
  await createIndexes(db, dialect)
  if (dialect.name === "postgres") await notifyWaiters(db)
}
