/** A session without a password: for whoever proved in another way who they are. */
import { signSessionToken } from "../callers/session-cookie.ts"
import { newId, newSecret, sha256Text } from "../random.ts"
import type { Storage } from "../storage/storage.ts"
import type { Visitor } from "./visitor.ts"

/** Seconds; the library refreshes sessions in use once a day. */
export const sessionLifeS = 14 * 24 * 3_600

interface Dependencies {
  readonly storage: Pick<Storage, "signIns">
  readonly signInSecret: () => Promise<string>
}

/** @returns the cookie's value */
export async function startSession(deps: Dependencies, memberId: string, from: Visitor): Promise<string> {
  const token = newSecret()
  // Real time, as the library dates sessions.
  const now = Date.now()
  await deps.storage.signIns.insert("session", {
    id: newId("ses"),
    userId: memberId,
    token: sha256Text(token),
    ipAddress: from.address,
    userAgent: from.userAgent ?? null,
    expiresAt: now + sessionLifeS * 1_000,
    createdAt: now,
    updatedAt: now,
  })
  return signSessionToken(token, await deps.signInSecret())
}
