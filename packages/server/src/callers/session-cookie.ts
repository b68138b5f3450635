/** The session's cookie as better-auth writes it: `token.signature`, percent-encoded; HMAC-SHA256 in base64. */
import { createHmac, timingSafeEqual } from "node:crypto"

/** What the names of all sign-in cookies begin with; without https (development) the `__Host-` prefix must be left out. */
export function cookiePrefix(secure: boolean): string {
  return secure ? "__Host-grantry" : "grantry"
}

export function sessionCookieName(secure: boolean): string {
  return `${cookiePrefix(secure)}.session_token`
}

export function sessionCookieOf(header: string | undefined, secure: boolean): string | undefined {
  return cookieValueOf(header, sessionCookieName(secure))
}

/** A cookie's value in a request's `Cookie` header, as it was sent. */
export function cookieValueOf(header: string | undefined, name: string): string | undefined {
  if (header === undefined) return undefined
  const start = `${name}=`
  const pair = header.split(";").find((part) => part.trimStart().startsWith(start))
  return pair?.trim().slice(start.length)
}

export function signSessionToken(token: string, secret: string): string {
  return encodeURIComponent(`${token}.${signature(token, secret).toString("base64")}`)
}

/** The token, if it was signed here. */
export function readSessionToken(value: string, secret: string): string | undefined {
  const text = decode(value)
  const dot = text.lastIndexOf(".")
  const token = text.slice(0, Math.max(dot, 0))
  const given = Buffer.from(text.slice(dot + 1), "base64")
  const expected = signature(token, secret)
  return given.length === expected.length && timingSafeEqual(given, expected) ? token : undefined
}

function decode(value: string): string {
  return /%(?![\da-f]{2})/i.test(value) ? "" : Buffer.from(unescapeBytes(value), "latin1").toString()
}

/** `decodeURIComponent` throws on bytes that are no UTF-8; here they only fail the signature. */
function unescapeBytes(value: string): string {
  return value.replace(/%([\da-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
}

function signature(token: string, secret: string): Buffer {
  return createHmac("sha256", secret).update(token).digest()
}
