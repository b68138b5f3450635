/** A token of an issuer that the app trusts: SECURITY.md line 12. */
import { errors, type JWTPayload, jwtVerify, type JWTVerifyOptions } from "jose"
import type { Clock } from "../services.ts"
import type { IdentityIssuer } from "../storage/stores/identity-issuers.ts"
import { headerOf } from "./jwt-text.ts"
import { type KeySet, type KeySets, readKeySet } from "./key-sets.ts"

const algorithms = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"]
const clockToleranceS = 60
/** Members of a header that bring a key along, name an address of one, or change what has to be checked. */
const refusedHeaders = ["jwk", "jku", "x5u", "x5c", "crit", "b64"] as const

/** The token is refused; the reason is for the audit. */
export class TokenRefused extends Error {
  override readonly name = "TokenRefused"
  readonly reason: string

  constructor(reason: string, cause?: unknown) {
    super(`the token is refused: ${reason}`, { cause })
    this.reason = reason
  }
}

interface Dependencies {
  readonly keySets: KeySets
  readonly clock: Clock
}

/** @throws TokenRefused, KeySetUnavailable */
export async function verifyIssuerToken(
  { clock, keySets }: Dependencies,
  issuer: Pick<IdentityIssuer, "issuer" | "audience" | "jwksUrl" | "jwksJson">,
  token: string,
): Promise<JWTPayload> {
  const header = headerOf(token)
  if (header?.alg === undefined || !algorithms.includes(header.alg)) throw new TokenRefused("algorithm")
  const refused = refusedHeaders.find((name) => name in header)
  if (refused !== undefined) throw new TokenRefused(`header_${refused}`)
  const options: JWTVerifyOptions = {
    algorithms,
    issuer: issuer.issuer,
    audience: issuer.audience,
    requiredClaims: ["exp", "sub"],
    clockTolerance: clockToleranceS,
    currentDate: new Date(clock.now()),
  }
  if (issuer.jwksUrl === null)
    return verifyWith(readKeySet(JSON.parse(issuer.jwksJson ?? "{}")), token, options)
  const keySet = await keySets.find(issuer.jwksUrl)
  try {
    return await verifyWith(keySet, token, options)
  } catch (error) {
    if (!(error instanceof TokenRefused) || !(error.cause instanceof errors.JWKSNoMatchingKey)) throw error
    // The issuer may have begun to sign with another key.
    const newer = await keySets.find(issuer.jwksUrl, keySet)
    if (newer === keySet) throw error
    return verifyWith(newer, token, options)
  }
}

async function verifyWith(keySet: KeySet, token: string, options: JWTVerifyOptions): Promise<JWTPayload> {
  try {
    return (await jwtVerify(token, keySet, options)).payload
  } catch (error) {
    if (error instanceof errors.JWKSMultipleMatchingKeys) return verifyWithEach(error, token, options)
    throw refusal(error)
  }
}

/** A token without `kid` where several keys would do (RFC 7517 section 4.5: it is optional). */
async function verifyWithEach(
  candidates: errors.JWKSMultipleMatchingKeys,
  token: string,
  options: JWTVerifyOptions,
): Promise<JWTPayload> {
  for await (const key of candidates) {
    try {
      return (await jwtVerify(token, key, options)).payload
    } catch (error) {
      if (!(error instanceof errors.JWSSignatureVerificationFailed)) throw refusal(error)
    }
  }
  throw new TokenRefused("signature")
}

function refusal(error: unknown): TokenRefused {
  if (error instanceof errors.JWTExpired) return new TokenRefused("expired", error)
  if (error instanceof errors.JWTClaimValidationFailed) return new TokenRefused(`claim_${error.claim}`, error)
  if (error instanceof errors.JWSSignatureVerificationFailed) return new TokenRefused("signature", error)
  if (error instanceof errors.JWKSNoMatchingKey) return new TokenRefused("unknown_key", error)
  // The rest is malformed tokens, and keys that no algorithm of the list can use.
  return new TokenRefused("malformed", error)
}
