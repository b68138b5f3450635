import type { SelectQueryBuilder } from "kysely"
import type {
  AuditFilter,
  AuditQuery,
  AuditStore,
  ChainedAuditEvent,
  StoredAuditEvent,
} from "../stores/audit-events.ts"
import type { AuditEventRow, Db, Tables } from "./schema.ts"
import { atomically, type Executor, insertNew } from "./statements.ts"

/** Fourteen columns each: far below the number of parameters that either database takes in one statement. */
const ROWS_PER_STATEMENT = 500

function toAuditEvent(row: AuditEventRow): StoredAuditEvent {
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
    link: row.seq === null || row.mac === null ? null : { sequence: row.seq, mac: row.mac },
  }
}

function toRow(event: ChainedAuditEvent): AuditEventRow {
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
    seq: event.link.sequence,
    mac: event.link.mac,
  }
}

async function insertAll(executor: Executor, events: readonly ChainedAuditEvent[]): Promise<void> {
  for (let start = 0; start < events.length; start += ROWS_PER_STATEMENT) {
    const rows = events.slice(start, start + ROWS_PER_STATEMENT).map(toRow)
    await insertNew(executor, "audit event", (db) => db.insertInto("audit_events").values(rows).execute())
  }
}

type Events = SelectQueryBuilder<Tables, "audit_events", AuditEventRow>

function matching(events: Events, filter: AuditFilter): Events {
  const { action, actor, appId, outcome, since, target, until } = filter
  let result = events
  if (action !== undefined) result = result.where("action", "=", action)
  if (actor !== undefined) result = result.where("actor", "=", actor)
  if (target !== undefined) result = result.where("target", "=", target)
  if (outcome !== undefined) result = result.where("outcome", "=", outcome)
  if (appId !== undefined) result = result.where("app_id", "=", appId)
  if (since !== undefined) result = result.where("at", ">=", since)
  if (until !== undefined) result = result.where("at", "<", until)
  return result
}

/** A later page lies behind where the first one began: said twice, SQLite would choose its index by it. */
function withoutPassedBound(query: AuditQuery, order: NonNullable<AuditQuery["order"]>): AuditFilter {
  const { since, until, ...rest } = query
  if (order === "newest") return since === undefined ? rest : { ...rest, since }
  return until === undefined ? rest : { ...rest, until }
}

/** One page, as the filters and the place of the page before ask for it. */
export function selectAuditEvents(db: Db, workspaceId: string, query: AuditQuery): Events {
  const { after, limit, order = "newest" } = query
  const events = db.selectFrom("audit_events").selectAll().where("workspace_id", "=", workspaceId)
  let found = matching(events, after === undefined ? query : withoutPassedBound(query, order))
  if (after !== undefined) {
    const comparison = order === "newest" ? "<" : ">"
    // A comparison of rows is one range of the index; an OR would be read from its start with every page.
    found = found.where((of) => of(of.refTuple("at", "id"), comparison, of.tuple(after.at, after.id)))
  }
  const direction = order === "newest" ? "desc" : "asc"
  return found.orderBy("at", direction).orderBy("id", direction).limit(limit)
}

async function listChain(
  { db }: Executor,
  workspaceId: string,
  { after, limit }: { after: number; limit: number },
) {
  const rows = await db
    .selectFrom("audit_events")
    .selectAll()
    .where("workspace_id", "=", workspaceId)
    .where("seq", ">", after)
    .orderBy("seq")
    .limit(limit)
    .execute()
  return rows.map((row) => ({
    ...toAuditEvent(row),
    // A MAC that somebody has taken away is none.
    link: { sequence: row.seq ?? 0, mac: row.mac ?? new Uint8Array() },
  }))
}

async function removeUnchained({ db }: Executor, workspaceId: string, before: number, limit: number) {
  const old = db
    .selectFrom("audit_events")
    .select("id")
    .where("workspace_id", "=", workspaceId)
    .where("seq", "is", null)
    .where("until", "<", before)
    .limit(limit)
  const { numDeletedRows } = await db
    .deleteFrom("audit_events")
    .where("workspace_id", "=", workspaceId)
    .where("id", "in", old)
    .executeTakeFirst()
  return Number(numDeletedRows)
}

export function auditStore(executor: Executor): AuditStore {
  const { db } = executor
  const of = (workspaceId: string) => db.selectFrom("audit_events").where("workspace_id", "=", workspaceId)
  return {
    insert: (events) => atomically(executor, (within) => insertAll(within, events)),

    async listKnown(ids) {
      const rows = await db.selectFrom("audit_events").select("id").where("id", "in", ids).execute()
      return rows.map(({ id }) => id)
    },

    async list(workspaceId, query) {
      return (await selectAuditEvents(db, workspaceId, query).execute()).map(toAuditEvent)
    },

    listChain: (workspaceId, page) => listChain(executor, workspaceId, page),

    async listLinks(workspaceId, sequences) {
      if (sequences.length === 0) return []
      const rows = await of(workspaceId).select(["seq", "mac"]).where("seq", "in", sequences).execute()
      return rows.flatMap(({ mac, seq }) => (seq === null || mac === null ? [] : { sequence: seq, mac }))
    },

    async lastSequence(workspaceId) {
      const last = of(workspaceId).select("seq").where("seq", "is not", null)
      return (await last.orderBy("seq", "desc").limit(1).executeTakeFirst())?.seq ?? 0
    },

    async countUnchained(workspaceId) {
      const count = of(workspaceId).where("seq", "is", null)
      const row = await count.select(({ fn }) => fn.countAll().as("count")).executeTakeFirst()
      return Number(row?.count ?? 0)
    },

    async removeChained(workspaceId, upTo) {
      const chained = db.deleteFrom("audit_events").where("workspace_id", "=", workspaceId)
      await chained.where("seq", "<=", upTo).execute()
    },

    removeUnchained: (workspaceId, before, limit) => removeUnchained(executor, workspaceId, before, limit),
  }
}
