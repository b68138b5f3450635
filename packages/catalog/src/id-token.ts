/** Claims of an ID token that came beside an access token. */
import type { JsonObject } from "./json.ts"
import { isJsonObject } from "./json.ts"

/**
 * The claims of an ID token that came straight from the token endpoint over TLS, so that its signature may go unchecked
 * (OpenID Connect Core section 3.1.3.7).
 *
 * @returns null where there is none, or none that can be read: the grant beside it is good all the same
 */
export function idTokenClaims(idToken: unknown): JsonObject | null {
  const payload = typeof idToken === "string" ? idToken.split(".")[1] : undefined
  if (payload === undefined) return null
  try {
    const claims: unknown = JSON.parse(Buffer.from(payload, "base64url").toString("utf8"))
    return isJsonObject(claims) ? claims : null
  } catch (error) {
    if (error instanceof SyntaxError) return null
    throw error
  }
}
