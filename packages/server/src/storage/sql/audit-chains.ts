import type { AuditChain, AuditChainStore } from "../stores/audit-chains.ts"
import type { AuditChainRow } from "./schema.ts"
import type { Executor } from "./statements.ts"

function toChain(row: AuditChainRow): AuditChain {
  return {
    workspaceId: row.workspace_id,
    sealedKey: row.sealed_key,
    base: { sequence: row.base_seq, mac: row.base_mac },
    head: { sequence: row.head_seq, mac: row.head_mac },
    unchained: row.unchained,
    brokenAt: row.broken_at,
    mac: row.mac,
  }
}

function toRow(chain: AuditChain): AuditChainRow {
  return {
    workspace_id: chain.workspaceId,
    sealed_key: chain.sealedKey,
    base_seq: chain.base.sequence,
    base_mac: chain.base.mac,
    head_seq: chain.head.sequence,
    head_mac: chain.head.mac,
    unchained: chain.unchained,
    broken_at: chain.brokenAt,
    mac: chain.mac,
  }
}

async function lock({ db, dialect }: Executor, ids: readonly string[]): Promise<readonly AuditChain[]> {
  const rows = await db
    .selectFrom("audit_chains")
    .selectAll()
    .where("workspace_id", "in", ids)
    .orderBy("workspace_id")
    // On SQLite there is one writer at a time.
    .$if(dialect.skipsLockedRows, (query) => query.forUpdate())
    .execute()
  return rows.map(toChain)
}

async function save({ db }: Executor, chains: readonly AuditChain[]): Promise<void> {
  if (chains.length === 0) return
  await db
    .insertInto("audit_chains")
    .values(chains.map(toRow))
    .onConflict((conflict) =>
      conflict.column("workspace_id").doUpdateSet((of) => ({
        base_seq: of.ref("excluded.base_seq"),
        base_mac: of.ref("excluded.base_mac"),
        head_seq: of.ref("excluded.head_seq"),
        head_mac: of.ref("excluded.head_mac"),
        unchained: of.ref("excluded.unchained"),
        broken_at: of.ref("excluded.broken_at"),
        mac: of.ref("excluded.mac"),
      })),
    )
    .execute()
}

/** Looked at one after the other: each costs a look at the first entries of an index. */
async function listDue({ db }: Executor, before: number, after: string, limit: number) {
  const rows = await db
    .selectFrom("workspaces")
    .leftJoin("audit_chains", "audit_chains.workspace_id", "workspaces.id")
    .select("workspaces.id")
    .where("workspaces.id", ">", after)
    .where((build) => {
      const ended = build
        .selectFrom("audit_events as event")
        .select("event.id")
        .whereRef("event.workspace_id", "=", "workspaces.id")
        .where("event.until", "<", before)
      return build.or([
        build.exists(ended.where((of) => of("event.seq", "=", of(of.ref("audit_chains.base_seq"), "+", 1)))),
        build.exists(ended.where("event.seq", "is", null)),
      ])
    })
    .orderBy("workspaces.id")
    .limit(limit)
    .execute()
  return rows.map((row) => row.id)
}

export function auditChainStore(executor: Executor): AuditChainStore {
  const { db } = executor
  return {
    async begin(chain) {
      const insert = db.insertInto("audit_chains").values(toRow(chain))
      await insert.onConflict((conflict) => conflict.column("workspace_id").doNothing()).execute()
    },

    async find(workspaceId) {
      const query = db.selectFrom("audit_chains").selectAll().where("workspace_id", "=", workspaceId)
      const row = await query.executeTakeFirst()
      return row && toChain(row)
    },

    lock: (workspaceIds) => lock(executor, workspaceIds),
    save: (chains) => save(executor, chains),

    async listWorkspaces(after, limit) {
      const query = db.selectFrom("workspaces").select("id").where("id", ">", after)
      return (await query.orderBy("id").limit(limit).execute()).map(({ id }) => id)
    },

    listDue: (before, after, limit) => listDue(executor, before, after, limit),
  }
}
