import type { Attempt, AttemptStatus, AttemptStore } from "../stores.ts"
import { addressColumns } from "./connection-row.ts"
import { parseConfig, parseScopes, toJson } from "./json-column.ts"
import type { AttemptRow } from "./schema.ts"
import { atomically, type Executor, metOneRow } from "./statements.ts"

const UNFINISHED: readonly AttemptStatus[] = ["pending", "at_provider", "exchanging", "confirm_account"]
const NOT_YET_BACK: readonly AttemptStatus[] = ["pending", "at_provider"]
const ENDED: readonly AttemptStatus[] = ["connected", "failed"]

/** What must not stay once an attempt has ended. */
const WITHOUT_SECRETS = { sealed_verifier: null, sealed_grant: null }

function toAttempt(row: AttemptRow): Attempt {
  return {
    id: row.id,
    workspaceId: row.workspace_id,
    appId: row.app_id,
    ownerKind: row.owner_kind,
    ownerId: row.owner_id,
    slot: row.slot,
    type: row.type,
    connectorId: row.connector_id,
    credentialSource: row.credential_source,
    connectionId: row.connection_id,
    startedBy: row.started_by,
    requestedScopes: parseScopes(row.requested_scopes_json),
    config: parseConfig(row.config_json),
    status: row.status,
    errorCode: row.error_code,
    errorMessage: row.error_message,
    browserHash: row.browser_hash,
    stateHash: row.state_hash,
    sealedVerifier: row.sealed_verifier,
    sealedGrant: row.sealed_grant,
    createdAt: row.created_at,
    expiresAt: row.expires_at,
  }
}

function toRow(attempt: Attempt): AttemptRow {
  return {
    ...addressColumns(attempt),
    id: attempt.id,
    type: attempt.type,
    connector_id: attempt.connectorId,
    credential_source: attempt.credentialSource,
    connection_id: attempt.connectionId,
    started_by: attempt.startedBy,
    requested_scopes_json: toJson(attempt.requestedScopes),
    config_json: toJson(attempt.config),
    status: attempt.status,
    error_code: attempt.errorCode,
    error_message: attempt.errorMessage,
    browser_hash: attempt.browserHash,
    state_hash: attempt.stateHash,
    sealed_verifier: attempt.sealedVerifier,
    sealed_grant: attempt.sealedGrant,
    created_at: attempt.createdAt,
    expires_at: attempt.expiresAt,
  }
}

function attemptReads({ db }: Executor) {
  return {
    async find(id) {
      const row = await db.selectFrom("attempts").selectAll().where("id", "=", id).executeTakeFirst()
      return row && toAttempt(row)
    },

    async findLatest({ workspaceId, appId, connectionId, startedBy }) {
      const row = await db
        .selectFrom("attempts")
        .selectAll()
        .where("workspace_id", "=", workspaceId)
        .where("app_id", "=", appId)
        .where("connection_id", "=", connectionId)
        .where("started_by", "=", startedBy)
        .orderBy("created_at", "desc")
        .orderBy("id", "desc")
        .limit(1)
        .executeTakeFirst()
      return row && toAttempt(row)
    },
  } satisfies Partial<AttemptStore>
}

/** Each step is one statement that names the status it starts from: of several callers one makes it. */
function attemptSteps({ db }: Executor) {
  return {
    async sendToProvider(id, now, set) {
      const update = db
        .updateTable("attempts")
        .set({
          status: "at_provider",
          browser_hash: set.browserHash,
          state_hash: set.stateHash,
          sealed_verifier: set.sealedVerifier,
          config_json: toJson(set.config),
        })
        .where("id", "=", id)
        .where("status", "in", NOT_YET_BACK)
        .where("expires_at", ">", now)
      return metOneRow(await update.executeTakeFirst())
    },

    async consumeState(stateHash) {
      const row = await db
        .updateTable("attempts")
        .set({ status: "exchanging" })
        .where("state_hash", "=", stateHash)
        .where("status", "=", "at_provider")
        .returningAll()
        .executeTakeFirst()
      return row && { ...toAttempt(row), status: "at_provider" }
    },

    async holdForConfirmation(id, sealedGrant, expiresAt) {
      const update = db
        .updateTable("attempts")
        .set({
          status: "confirm_account",
          sealed_grant: sealedGrant,
          sealed_verifier: null,
          expires_at: expiresAt,
        })
        .where("id", "=", id)
        .where("status", "=", "exchanging")
      return metOneRow(await update.executeTakeFirst())
    },

    async takeHeldGrant(id) {
      const row = await db
        .updateTable("attempts")
        .set({ status: "exchanging" })
        .where("id", "=", id)
        .where("status", "=", "confirm_account")
        .returningAll()
        .executeTakeFirst()
      return row && { ...toAttempt(row), status: "confirm_account" }
    },
  } satisfies Partial<AttemptStore>
}

const EXPIRED = {
  status: "failed",
  error_code: "ATTEMPT_EXPIRED",
  error_message: "The authorization was not finished in time. Start it again.",
  ...WITHOUT_SECRETS,
} as const

async function expireStale({ db }: Executor, now: number, limit: number): Promise<readonly Attempt[]> {
  const stale = await db
    .selectFrom("attempts")
    .selectAll()
    .where("expires_at", "<=", now)
    .where("status", "in", UNFINISHED)
    .orderBy("expires_at")
    .limit(limit)
    .execute()
  if (stale.length === 0) return []
  const ids = stale.map((row) => row.id)
  // The condition stands again in the update: another replica, or the person, may have been quicker.
  const ended = await db
    .updateTable("attempts")
    .set(EXPIRED)
    .where("id", "in", ids)
    .where("expires_at", "<=", now)
    .where("status", "in", UNFINISHED)
    .returning("id")
    .execute()
  const endedIds = new Set(ended.map((row) => row.id))
  return stale.filter((row) => endedIds.has(row.id) && row.sealed_grant !== null).map(toAttempt)
}

function attemptEnds(executor: Executor) {
  const { db } = executor
  return {
    async finish(id, outcome) {
      const failed = outcome.status === "failed"
      await db
        .updateTable("attempts")
        .set({
          ...WITHOUT_SECRETS,
          status: outcome.status,
          error_code: failed ? outcome.errorCode : null,
          error_message: failed ? outcome.errorMessage : null,
        })
        .where("id", "=", id)
        .where("status", "!=", "connected")
        .execute()
    },

    async supersede({ workspaceId, connectionId, startedBy, id }) {
      const others = db
        .updateTable("attempts")
        .where("workspace_id", "=", workspaceId)
        .where("connection_id", "=", connectionId)
        .where("started_by", startedBy === null ? "is" : "=", startedBy)
        .where("id", "!=", id)
      await others
        .set({
          ...WITHOUT_SECRETS,
          status: "failed",
          error_code: "ATTEMPT_SUPERSEDED",
          error_message: "A newer authorization was started for the same connection.",
        })
        .where("status", "in", NOT_YET_BACK)
        .execute()
      await others
        .set((of) => ({ expires_at: of.ref("created_at") }))
        .where("status", "=", "confirm_account")
        .execute()
    },

    expireStale: (now, limit) => atomically(executor, (within) => expireStale(within, now, limit)),

    async deleteEnded(before) {
      await db.deleteFrom("attempts").where("expires_at", "<", before).where("status", "in", ENDED).execute()
    },
  } satisfies Partial<AttemptStore>
}

export function attemptStore(executor: Executor): AttemptStore {
  const { db } = executor
  return {
    async insert(attempt) {
      await db.insertInto("attempts").values(toRow(attempt)).execute()
    },
    ...attemptReads(executor),
    ...attemptSteps(executor),
    ...attemptEnds(executor),
  }
}
