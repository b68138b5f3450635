import type { DeviceCode, DeviceLogin, DeviceStore } from "../stores/members.ts"
import type { DeviceCodeRow, DeviceLoginRow } from "./schema.ts"
import { atomically, type Executor, metOneRow } from "./statements.ts"

function toCode(row: DeviceCodeRow): DeviceCode {
  return {
    id: row.id,
    clientId: row.client_id,
    scope: row.scope,
    status: row.status,
    memberId: row.member_id,
    address: row.address,
    createdAt: row.created_at,
    expiresAt: row.expires_at,
    polledAt: row.polled_at,
  }
}

function toLogin(row: DeviceLoginRow): DeviceLogin {
  return {
    id: row.id,
    memberId: row.member_id,
    clientId: row.client_id,
    scope: row.scope,
    createdAt: row.created_at,
  }
}

function codeQueries({ db }: Executor) {
  return {
    async insertCode(code, deviceHash, userHash) {
      const row: DeviceCodeRow = {
        id: code.id,
        device_hash: deviceHash,
        user_hash: userHash,
        client_id: code.clientId,
        scope: code.scope,
        status: code.status,
        member_id: code.memberId,
        address: code.address,
        created_at: code.createdAt,
        expires_at: code.expiresAt,
        polled_at: code.polledAt,
      }
      await db.insertInto("device_codes").values(row).execute()
    },

    async findPending(userHash, now) {
      const row = await db
        .selectFrom("device_codes")
        .selectAll()
        .where("user_hash", "=", userHash)
        .where("status", "=", "pending")
        .where("expires_at", ">", now)
        .executeTakeFirst()
      return row && toCode(row)
    },

    async decide(id, { memberId, now, status }) {
      const query = db
        .updateTable("device_codes")
        .set({ status, member_id: memberId })
        .where("id", "=", id)
        .where("status", "=", "pending")
        .where("expires_at", ">", now)
      return metOneRow(await query.executeTakeFirst())
    },

    async poll(deviceHash, now) {
      const row = await db
        .selectFrom("device_codes")
        .selectAll()
        .where("device_hash", "=", deviceHash)
        .executeTakeFirst()
      if (!row) return undefined
      await db.updateTable("device_codes").set({ polled_at: now }).where("id", "=", row.id).execute()
      return toCode(row)
    },

    async consume(id) {
      return metOneRow(await db.deleteFrom("device_codes").where("id", "=", id).executeTakeFirst())
    },
  } satisfies Partial<DeviceStore>
}

function loginQueries({ db }: Executor) {
  return {
    async insertLogin(login) {
      const row: DeviceLoginRow = {
        id: login.id,
        member_id: login.memberId,
        client_id: login.clientId,
        scope: login.scope,
        created_at: login.createdAt,
      }
      await db.insertInto("device_logins").values(row).execute()
    },

    async removeLogin(id) {
      await db.deleteFrom("device_logins").where("id", "=", id).execute()
    },

    async removeLoginsOf(memberId) {
      // One that was approved and not fetched yet would become a login.
      await db.deleteFrom("device_codes").where("member_id", "=", memberId).execute()
      const removed = await db
        .deleteFrom("device_logins")
        .where("member_id", "=", memberId)
        .executeTakeFirst()
      return Number(removed.numDeletedRows)
    },
  } satisfies Partial<DeviceStore>
}

function tokenQueries({ db }: Executor) {
  return {
    async insertToken({ expiresAt, kind, loginId, usedAt }, hash) {
      const row = { hash, login_id: loginId, kind, expires_at: expiresAt, used_at: usedAt }
      await db.insertInto("device_tokens").values(row).execute()
    },

    async findToken(hash) {
      const row = await db
        .selectFrom("device_tokens")
        .innerJoin("device_logins", "device_logins.id", "device_tokens.login_id")
        .selectAll("device_logins")
        .select(["device_tokens.kind", "device_tokens.expires_at", "device_tokens.used_at"])
        .where("device_tokens.hash", "=", hash)
        .executeTakeFirst()
      if (!row) return undefined
      const { expires_at: expiresAt, kind, used_at: usedAt } = row
      return { loginId: row.id, kind, expiresAt, usedAt, login: toLogin(row) }
    },

    async useToken(hash, now) {
      const query = db
        .updateTable("device_tokens")
        .set({ used_at: now })
        .where("hash", "=", hash)
        .where("used_at", "is", null)
      return metOneRow(await query.executeTakeFirst())
    },
  } satisfies Partial<DeviceStore>
}

async function deleteOver({ db }: Executor, now: number): Promise<void> {
  await db.deleteFrom("device_codes").where("expires_at", "<=", now).execute()
  await db.deleteFrom("device_tokens").where("expires_at", "<=", now).execute()
  const alive = db.selectFrom("device_tokens").select("login_id")
  await db.deleteFrom("device_logins").where("id", "not in", alive).execute()
}

export function deviceStore(executor: Executor): DeviceStore {
  return {
    ...codeQueries(executor),
    ...loginQueries(executor),
    ...tokenQueries(executor),
    deleteExpired: (now) => atomically(executor, (within) => deleteOver(within, now)),
  }
}
