/**
 * The step between the first proof and the session: who passed the first stands in a row of better-auth's, which a
 * signed cookie names. After a password the library begins it, after the OpenID provider we do, in the same form.
 */
import {
  cookiePrefix,
  cookieValueOf,
  readSessionToken,
  signSessionToken,
} from "../../callers/session-cookie.ts"
import { newId, newSecret, sha256Text } from "../../random.ts"
import type { Services } from "../../services.ts"

/** Seconds between the first proof and the code. */
export const challengeLifeS = 600

export interface Challenge {
  readonly memberId: string
  /** The one cookie that the library needs to go on. */
  readonly cookie: string
}

type Dependencies = Pick<Services, "storage" | "signInSecret"> & {
  readonly config: { readonly publicUrl: string }
}

export function challengeCookieName(publicUrl: string): string {
  return `${cookiePrefix(publicUrl.startsWith("https:"))}.two_factor`
}

/** undefined: nobody waits for a code in this browser, or no longer. */
export async function findChallenge(
  { config, signInSecret, storage }: Dependencies,
  cookies: string | undefined,
): Promise<Challenge | undefined> {
  const name = challengeCookieName(config.publicUrl)
  const value = cookieValueOf(cookies, name)
  const identifier = value && readSessionToken(value, await signInSecret())
  if (!identifier) return undefined
  const [record] = await storage.signIns.list("verification", {
    where: [
      { field: "identifier", operator: "eq", value: sha256Text(identifier) },
      // Dated by the library, which knows real time only.
      { field: "expiresAt", operator: "gt", value: Date.now() },
    ],
    limit: 1,
  })
  return record && { memberId: String(record["value"]), cookie: `${name}=${value}` }
}

/** @returns the cookie's value */
export async function beginChallenge(
  { signInSecret, storage }: Dependencies,
  memberId: string,
): Promise<string> {
  // As better-auth's two-factor plugin names them: one record for the member, one that counts the tries.
  const identifier = `2fa-${newSecret()}`
  await insertRecord({ storage }, identifier, memberId)
  await insertRecord({ storage }, `2fa-attempts-${identifier}`, "0")
  return signSessionToken(identifier, await signInSecret())
}

async function insertRecord(
  { storage }: Pick<Services, "storage">,
  identifier: string,
  value: string,
): Promise<void> {
  const now = Date.now()
  await storage.signIns.insert("verification", {
    id: newId("ver"),
    identifier: sha256Text(identifier),
    value,
    expiresAt: now + challengeLifeS * 1_000,
    createdAt: now,
    updatedAt: now,
  })
}
