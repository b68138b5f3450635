import type { OpenIdAttempt, OpenIdAttemptStore } from "../stores/openid-attempts.ts"
import type { OpenIdAttemptRow } from "./schema.ts"
import type { Executor } from "./statements.ts"

function toAttempt(row: OpenIdAttemptRow): OpenIdAttempt {
  return {
    stateHash: row.state_hash,
    browserHash: row.browser_hash,
    memberId: row.member_id,
    nextPath: row.next_path,
    createdAt: row.created_at,
    expiresAt: row.expires_at,
  }
}

export function openIdAttemptStore({ db }: Executor): OpenIdAttemptStore {
  return {
    async insert(attempt) {
      const row: OpenIdAttemptRow = {
        state_hash: attempt.stateHash,
        browser_hash: attempt.browserHash,
        member_id: attempt.memberId,
        next_path: attempt.nextPath,
        created_at: attempt.createdAt,
        expires_at: attempt.expiresAt,
      }
      await db.insertInto("openid_attempts").values(row).execute()
    },

    async consume(stateHash) {
      const row = await db
        .deleteFrom("openid_attempts")
        .where("state_hash", "=", stateHash)
        .returningAll()
        .executeTakeFirst()
      return row && toAttempt(row)
    },

    async deleteExpired(now) {
      await db.deleteFrom("openid_attempts").where("expires_at", "<=", now).execute()
    },
  }
}
