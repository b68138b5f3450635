/** Reads a JWT without believing it: which key and which rules would have to decide. */
import {
  decodeJwt,
  decodeProtectedHeader,
  errors,
  type JWTPayload,
  type ProtectedHeaderParameters,
} from "jose"

/** RFC 8725 says nothing of length; a header of more would not fit most servers either. */
const maxTokenLength = 8 * 1024

/** Three parts of base64url, neither empty nor endless. */
export function looksLikeJwt(token: string): boolean {
  return token.length <= maxTokenLength && /^[\w-]+\.[\w-]+\.[\w-]*$/.test(token)
}

export function headerOf(token: string): ProtectedHeaderParameters | undefined {
  return orUndefined(() => decodeProtectedHeader(token))
}

export function claimsOf(token: string): JWTPayload | undefined {
  return orUndefined(() => decodeJwt(token))
}

/** jose throws on text that is no JWT, which is an answer here and no failure. */
function orUndefined<T>(read: () => T): T | undefined {
  try {
    return read()
  } catch (error) {
    if (error instanceof TypeError || error instanceof errors.JOSEError) return undefined
    throw error
  }
}
