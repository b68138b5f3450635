/**
 * What identifies an app's user. A user whom the builder names keeps the builder's id; a user of a trusted issuer is
 * (issuer, subject), so that two issuers never share one and an issuer that is removed and added again finds its own.
 */
import { sha256Text } from "../random.ts"

const maxLength = 255
const issuerPrefix = "iss_"
/** Of the 43 characters of a SHA-256: 132 bits. */
const issuerHashLength = 22

/** Neither control characters nor line breaks, and something to read at both ends. */
const printable = /^[^\s\p{C}]([^\p{C}\p{Zl}\p{Zp}]*[^\s\p{C}])?$/u

function isReadable(text: string): boolean {
  return text.length <= maxLength && printable.test(text)
}

/** What is wrong with an id that the builder gives; undefined: nothing. */
export function problemOfUserId(userId: string): string | undefined {
  if (!isReadable(userId)) return `must be 1 to ${maxLength} printable characters without spaces at the ends`
  if (userId.startsWith(issuerPrefix))
    return `must not start with ${issuerPrefix}: these ids are of users whom a trusted issuer vouches for`
  return undefined
}

/** @returns undefined when the subject is none that can be told apart by people */
export function userIdOfIssuer(issuer: string, subject: string): string | undefined {
  if (!isReadable(subject)) return undefined
  return `${issuerPrefix}${sha256Text(issuer).slice(0, issuerHashLength)}:${subject}`
}
