import { claimsOf } from "../callers/jwt-text.ts"
import { mintedKind } from "../callers/minted-tokens.ts"
import type { Services } from "../services.ts"

/**
 * The caller's `Authorization` for the function: a user's token, or what else the function itself understands. A
 * credential for Grantry stays here: a key, a member's sign-in, another app's service token.
 */
export async function passedAuthorization(
  { authenticator }: Pick<Services, "authenticator">,
  appId: string,
  authorization: string | undefined,
): Promise<string | undefined> {
  if (authorization === undefined) return undefined
  const token = authorization.replace(/^bearer +/i, "")
  if (token.startsWith("gsk_") || token.startsWith("b44k_")) return undefined
  if (mintedKind(token) === "service") return claimsOf(token)?.sub === appId ? authorization : undefined
  const caller = await authenticator.authenticate({ authorization })
  return caller?.kind === "member" ? undefined : authorization
}
