/** Scopes as a caller may name them (RFC 6749 section 3.3). */
import { GrantryError } from "../errors.ts"

const scopeToken = /^[\x21\x23-\x5b\x5d-\x7e]{1,512}$/
const maxScopes = 200

/** @throws INVALID_REQUEST naming the field */
export function checkedScopes(scopes: readonly string[], field = "scopes"): readonly string[] {
  if (scopes.length > maxScopes)
    throw invalid(`${field} holds ${scopes.length} entries; at most ${maxScopes} are taken`)
  scopes.forEach((scope, index) => {
    if (!scopeToken.test(scope)) {
      throw invalid(
        `${field}[${index}] is not a scope: it must be printable text without spaces, quotes or backslashes`,
      )
    }
  })
  return [...new Set(scopes)]
}

export function sameScopes(left: readonly string[], right: readonly string[]): boolean {
  const known = new Set(left)
  return known.size === new Set(right).size && right.every((scope) => known.has(scope))
}

function invalid(message: string): GrantryError {
  return new GrantryError("INVALID_REQUEST", 400, message)
}
