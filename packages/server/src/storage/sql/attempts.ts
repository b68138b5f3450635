import type { AttemptStatus, AttemptStore } from "../stores/attempts.ts"
import { toAttempt, toAttemptRow } from "./attempt-row.ts"
import { toJson } from "./json-column.ts"
import { type Executor, metOneRow } from "./statements.ts"

const UNFINISHED: readonly AttemptStatus[] = [
  "pending",
  "at_provider",
  "exchanging",
  "verify_user",
  "confirm_account",
]
const NOT_YET_BACK: readonly AttemptStatus[] = ["pending", "at_provider"]
const ENDED: readonly AttemptStatus[] = ["connected", "failed"]

/** What must not stay once an attempt has ended. */
const WITHOUT_SECRETS = {
  sealed_verifier: null,
  sealed_grant: null,
  sealed_callback: null,
  sealed_return_to: null,
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

    async findByHandle({ workspaceId, appId, handleHash }) {
      const row = await db
        .selectFrom("attempts")
        .selectAll()
        .where("handle_hash", "=", handleHash)
        .where("workspace_id", "=", workspaceId)
        .where("app_id", "=", appId)
        .executeTakeFirst()
      return row && toAttempt(row)
    },

    async anyHeldGrant(workspaceId) {
      const row = await db
        .selectFrom("attempts")
        .select("id")
        .where("workspace_id", "=", workspaceId)
        .where("sealed_grant", "is not", null)
        .limit(1)
        .executeTakeFirst()
      return row !== undefined
    },

    async listStale(now, limit) {
      const rows = await db
        .selectFrom("attempts")
        .selectAll()
        .where("expires_at", "<=", now)
        .where("status", "in", UNFINISHED)
        .orderBy("expires_at")
        .limit(limit)
        .execute()
      return rows.map(toAttempt)
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
  } satisfies Partial<AttemptStore>
}

/** What waits for a person: a code until the app's page says who the user is, a grant until its account is confirmed. */
function attemptHolds({ db }: Executor) {
  const take = async (id: string, from: "verify_user" | "confirm_account") => {
    const row = await db
      .updateTable("attempts")
      .set({ status: "exchanging" })
      .where("id", "=", id)
      .where("status", "=", from)
      .returningAll()
      .executeTakeFirst()
    return row && { ...toAttempt(row), status: from }
  }
  return {
    async holdForUser(id, { sealedCallback, handleHash, expiresAt }) {
      const update = db
        .updateTable("attempts")
        .set({
          status: "verify_user",
          sealed_callback: sealedCallback,
          handle_hash: handleHash,
          expires_at: expiresAt,
        })
        .where("id", "=", id)
        .where("status", "=", "exchanging")
      return metOneRow(await update.executeTakeFirst())
    },

    takeHeldCallback: (id) => take(id, "verify_user"),

    async holdForConfirmation(id, sealedGrant, expiresAt) {
      const update = db
        .updateTable("attempts")
        .set({
          status: "confirm_account",
          sealed_grant: sealedGrant,
          sealed_verifier: null,
          sealed_callback: null,
          expires_at: expiresAt,
        })
        .where("id", "=", id)
        .where("status", "=", "exchanging")
      return metOneRow(await update.executeTakeFirst())
    },

    takeHeldGrant: (id) => take(id, "confirm_account"),
  } satisfies Partial<AttemptStore>
}

const EXPIRED = {
  status: "failed",
  error_code: "ATTEMPT_EXPIRED",
  error_message: "The authorization was not finished in time. Start it again.",
  ...WITHOUT_SECRETS,
} as const

const ENDED_BY_OTHERS = {
  status: "failed",
  error_code: "ATTEMPT_OVER",
  error_message: "Whoever started this authorization may not finish it any more.",
  ...WITHOUT_SECRETS,
} as const

function attemptEnds({ db }: Executor) {
  return {
    async finish(id, outcome) {
      const failed = outcome.status === "failed"
      const update = db
        .updateTable("attempts")
        .set({
          ...WITHOUT_SECRETS,
          status: outcome.status,
          error_code: failed ? outcome.errorCode : null,
          error_message: failed ? outcome.errorMessage : null,
        })
        .where("id", "=", id)
        // A grant is kept for an attempt that nobody has ended meanwhile.
        .where("status", failed ? "!=" : "=", failed ? "connected" : "exchanging")
      return metOneRow(await update.executeTakeFirst())
    },

    async endUnfinished({ startedBy, workspaceId }) {
      const theirs = db
        .updateTable("attempts")
        .where("workspace_id", "=", workspaceId)
        .$if(startedBy !== undefined, (query) => query.where("started_by", "=", startedBy ?? ""))
      await theirs
        .set(ENDED_BY_OTHERS)
        .where("status", "in", UNFINISHED)
        .where("sealed_grant", "is", null)
        .execute()
      await theirs
        .set((of) => ({ expires_at: of.ref("created_at") }))
        .where("status", "in", UNFINISHED)
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

    async expire(ids, now) {
      if (ids.length === 0) return []
      const ended = await db
        .updateTable("attempts")
        .set(EXPIRED)
        .where("id", "in", ids)
        .where("expires_at", "<=", now)
        .where("status", "in", UNFINISHED)
        .returning("id")
        .execute()
      return ended.map(({ id }) => id)
    },

    async deleteEnded(before) {
      await db.deleteFrom("attempts").where("expires_at", "<", before).where("status", "in", ENDED).execute()
    },
  } satisfies Partial<AttemptStore>
}

export function attemptStore(executor: Executor): AttemptStore {
  const { db } = executor
  return {
    async insert(attempt) {
      await db.insertInto("attempts").values(toAttemptRow(attempt)).execute()
    },
    ...attemptReads(executor),
    ...attemptSteps(executor),
    ...attemptHolds(executor),
    ...attemptEnds(executor),
  }
}
