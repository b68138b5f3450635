/** Reaches behind the server: its database is opened while it is stopped, then it starts again. */
import { describeKey } from "../../packages/server/src/callers/keys.ts"
import { openStorage } from "../../packages/server/src/storage/open-storage.ts"
import type { Storage } from "../../packages/server/src/storage/storage.ts"
import type { Role } from "../../packages/server/src/storage/stores/accounts.ts"
import type { Credential } from "../harness/api.ts"
import type { TestServer } from "../harness/server.ts"

export async function withStorage<T>(server: TestServer, work: (storage: Storage) => Promise<T>): Promise<T> {
  await server.stop()
  const storage = await openStorage({ url: server.databaseUrl })
  try {
    return await work(storage)
  } finally {
    await storage.close()
    await server.restart()
  }
}

export interface OtherMember {
  readonly memberId: string
  readonly email: string
  /** The member's personal workspace, or the one that was named. */
  readonly workspaceId: string
  readonly as: Credential
}

let count = 0

/** Another person: with a role in the named workspace, else in one of their own. */
export function addMember(
  server: TestServer,
  place: { readonly workspaceId: string; readonly role: Role } | null,
): Promise<OtherMember> {
  count += 1
  const memberId = `mem_other${count}`
  const email = `other${count}@example.com`
  const workspaceId = place?.workspaceId ?? `ws_other${count}`
  const apiKey = `b44k_another-member-of-the-test-server-${count}-0123456789`
  const createdAt = Date.now()
  return withStorage(server, async ({ accounts, keys }) => {
    await accounts.insertMember({ id: memberId, email, name: "Other", createdAt })
    if (!place)
      await accounts.insertWorkspace({
        id: workspaceId,
        name: "Elsewhere",
        plan: "free",
        personalOf: memberId,
        createdAt,
      })
    await accounts.insertMembership({ workspaceId, memberId, role: place?.role ?? "owner" })
    const { hash, prefix } = describeKey(apiKey)
    await keys.insertApiKey(
      { id: `key_other${count}`, workspaceId, memberId, name: "test", prefix, createdAt, lastUsedAt: null },
      hash,
    )
    return { memberId, email, workspaceId, as: { apiKey } }
  })
}
