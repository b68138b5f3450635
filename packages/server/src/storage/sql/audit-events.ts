import type { SelectQueryBuilder } from "kysely"
import type { AuditEvent, AuditQuery, AuditStore } from "../stores/audit-events.ts"
import type { AuditEventRow, Tables } from "./schema.ts"
import { atomically, type Executor } from "./statements.ts"

/** Twelve columns each: far below the number of parameters that either database takes in one statement. */
const ROWS_PER_STATEMENT = 500

function toAuditEvent(row: AuditEventRow): AuditEvent {
  return {
    id: row.id,
    workspaceId: row.workspace_id,
    appId: row.app_id,
    actor: row.actor,
    action: row.action,
    target: row.target,
    outcome: row.outcome,
    count: row.count,
    at: row.at,
    until: row.until,
    address: row.address,
    requestId: row.request_id,
  }
}

function toRow(event: AuditEvent): AuditEventRow {
  return {
    id: event.id,
    workspace_id: event.workspaceId,
    app_id: event.appId,
    actor: event.actor,
    action: event.action,
    target: event.target,
    outcome: event.outcome,
    count: event.count,
    at: event.at,
    until: event.until,
    address: event.address,
    request_id: event.requestId,
  }
}

async function appendAll({ db }: Executor, events: readonly AuditEvent[]): Promise<void> {
  for (let start = 0; start < events.length; start += ROWS_PER_STATEMENT) {
    const rows = events.slice(start, start + ROWS_PER_STATEMENT).map(toRow)
    // A batch is sent again when nobody knows whether it arrived.
    const insert = db.insertInto("audit_events").values(rows)
    await insert.onConflict((conflict) => conflict.column("id").doNothing()).execute()
  }
}

type Events = SelectQueryBuilder<Tables, "audit_events", AuditEventRow>

function matching(events: Events, query: AuditQuery): Events {
  const { action, actor, appId, since, target, until, after } = query
  let result = events
  if (action !== undefined) result = result.where("action", "=", action)
  if (actor !== undefined) result = result.where("actor", "=", actor)
  if (target !== undefined) result = result.where("target", "=", target)
  if (appId !== undefined) result = result.where("app_id", "=", appId)
  if (since !== undefined) result = result.where("at", ">=", since)
  if (until !== undefined) result = result.where("at", "<", until)
  if (after === undefined) return result
  return result.where((of) =>
    of.or([of("at", "<", after.at), of.and([of("at", "=", after.at), of("id", "<", after.id)])]),
  )
}

export function auditStore(executor: Executor): AuditStore {
  return {
    append: (events) => atomically(executor, (within) => appendAll(within, events)),

    async list(workspaceId, query) {
      const events = executor.db
        .selectFrom("audit_events")
        .selectAll()
        .where("workspace_id", "=", workspaceId)
      const rows = await matching(events, query)
        .orderBy("at", "desc")
        .orderBy("id", "desc")
        .limit(query.limit)
        .execute()
      return rows.map(toAuditEvent)
    },
  }
}
