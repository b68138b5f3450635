/** What Microsoft's token answers leave out, made good before the entry's paths read them. */
import type { TokenPhase, WireAnswer } from "../dialect.ts"
import { idTokenClaims } from "../id-token.ts"
import type { JsonObject } from "../json.ts"
import { isJsonObject } from "../json.ts"

/**
 * Adds `offline_access` to the granted scopes and `id_token_claims` with the tenant's id.
 *
 * @returns the answer as it came where it is no grant
 */
export function microsoftTokenAnswer(answer: WireAnswer, phase: TokenPhase): WireAnswer {
  const { body } = answer
  if (!isJsonObject(body) || typeof body["access_token"] !== "string") return answer
  const tid = tenantId(body["id_token"])
  const told = withOfflineAccess(body, phase)
  return { ...answer, body: tid === null ? told : { ...told, id_token_claims: { tid } } }
}

/** The scope of an answer leaves offline_access out; the refresh token is the proof that it was granted. */
function withOfflineAccess(body: JsonObject, phase: TokenPhase): JsonObject {
  const { scope, refresh_token: refreshToken } = body
  const proven = phase === "refresh" || (typeof refreshToken === "string" && refreshToken !== "")
  if (!proven || typeof scope !== "string" || /\boffline_access\b/i.test(scope)) return body
  return { ...body, scope: `${scope} offline_access` }
}

/** The claim `tid`. An access token is not ours to read, and opaque for personal accounts. */
function tenantId(idToken: unknown): string | null {
  const tid = idTokenClaims(idToken)?.["tid"]
  return typeof tid === "string" && /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(tid) ? tid : null
}
