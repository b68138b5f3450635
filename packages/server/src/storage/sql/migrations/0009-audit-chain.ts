/** Audit events become a chain for each workspace, and every filter of their list gets an index. */
import { sql } from "kysely"
import type { Dialect } from "../dialect.ts"
import type { Db } from "../schema.ts"
import { createTable } from "./0001-initial.ts"

/** Null in events that are older than the chain. */
async function addLinks(db: Db, { columnTypes }: Dialect): Promise<void> {
  const { schema } = db
  await schema.alterTable("audit_events").addColumn("seq", columnTypes.milliseconds).execute()
  await schema.alterTable("audit_events").addColumn("mac", columnTypes.bytes).execute()
  await schema
    .createIndex("audit_events_by_seq")
    .unique()
    .on("audit_events")
    .columns(["workspace_id", "seq"])
    .execute()
}

async function addFilterIndexes({ schema }: Db): Promise<void> {
  await schema
    .createIndex("audit_events_by_actor")
    .on("audit_events")
    .columns(["workspace_id", "actor", "at", "id"])
    .execute()
  await schema
    .createIndex("audit_events_by_target")
    .on("audit_events")
    .columns(["workspace_id", "target", "at", "id"])
    .where(sql.ref("target"), "is not", null)
    .execute()
}

export async function up(db: Db, dialect: Dialect): Promise<void> {
  await addLinks(db, dialect)
  await addFilterIndexes(db)
  await createTable({ db, dialect }, "audit_chains", {
    text: ["workspace_id"],
    bytes: ["sealed_key", "base_mac", "head_mac", "mac"],
    milliseconds: ["base_seq", "head_seq", "unchained", "broken_at?"],
    // With the workspace goes what its record is authenticated by.
    constraints: (table) =>
      table
        .addPrimaryKeyConstraint("audit_chains_pkey", ["workspace_id"])
        .addForeignKeyConstraint("audit_chains_workspace", ["workspace_id"], "workspaces", ["id"], (key) =>
          key.onDelete("cascade"),
        ),
  })
}
