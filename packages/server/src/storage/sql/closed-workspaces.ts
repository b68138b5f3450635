import { type RawBuilder, sql } from "kysely"

/** Of a workspace that is being closed nothing is found any more, by any replica, from that commit on. */
export function isOpenWorkspace(workspaceId: string): RawBuilder<boolean> {
  return sql<boolean>`not exists (
    select 1 from workspace_closures where workspace_closures.workspace_id = ${sql.ref(workspaceId)})`
}
