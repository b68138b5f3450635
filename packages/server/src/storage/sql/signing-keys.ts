import type { SigningKey, SigningKeyStore } from "../stores/signing-keys.ts"
import type { SigningKeyRow } from "./schema.ts"
import { type Executor, insertNew } from "./statements.ts"

function toSigningKey(row: SigningKeyRow): SigningKey {
  return {
    id: row.id,
    workspaceId: row.workspace_id,
    publicJwkJson: row.public_jwk_json,
    sealedPrivateJwk: row.sealed_private_jwk,
    createdAt: row.created_at,
  }
}

function toRow(key: SigningKey): SigningKeyRow {
  return {
    id: key.id,
    workspace_id: key.workspaceId,
    public_jwk_json: key.publicJwkJson,
    sealed_private_jwk: key.sealedPrivateJwk,
    created_at: key.createdAt,
  }
}

export function signingKeyStore(executor: Executor): SigningKeyStore {
  const { db } = executor
  const newestFirst = (workspaceId: string) =>
    db
      .selectFrom("signing_keys")
      .selectAll()
      .where("workspace_id", "=", workspaceId)
      .orderBy("created_at", "desc")
      .orderBy("id", "desc")
  return {
    async insert(key) {
      await insertNew(executor, "signing key", (on) =>
        on.insertInto("signing_keys").values(toRow(key)).execute(),
      )
    },

    async find(workspaceId, id) {
      const row = await newestFirst(workspaceId).where("id", "=", id).executeTakeFirst()
      return row && toSigningKey(row)
    },

    async findCurrent(workspaceId) {
      const row = await newestFirst(workspaceId).limit(1).executeTakeFirst()
      return row && toSigningKey(row)
    },

    async removeOlder(workspaceId, createdBefore) {
      const newest = newestFirst(workspaceId).clearSelect().select("id").limit(1)
      await db
        .deleteFrom("signing_keys")
        .where("workspace_id", "=", workspaceId)
        .where("created_at", "<", createdBefore)
        .where("id", "not in", newest)
        .execute()
    },
  }
}
