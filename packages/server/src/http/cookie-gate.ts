/**
 * A browser sends the session's cookie along with whatever any page asks of this server. A call that changes something
 * and comes with that cookie must therefore come from a page of this server's own (SECURITY 13).
 */
import type { FastifyInstance, FastifyRequest } from "fastify"
import { sessionCookieOf } from "../callers/session-cookie.ts"
import { GrantryError } from "../errors.ts"
import { isFromElsewhere } from "./browser-request.ts"

const safeMethods = new Set(["GET", "HEAD", "OPTIONS"])

export function registerCookieGate(app: FastifyInstance, config: { readonly publicUrl: string }): void {
  app.addHook("onRequest", (request, _reply, done) => {
    done(isForeignCookieUse(request, config.publicUrl) ? originRefused() : undefined)
  })
}

/** The cookies that count: a bearer or key of the caller's own choice wins, so that no request has two callers. */
export function countingCookies({ headers }: FastifyRequest): string | undefined {
  return headers.authorization === undefined && headers["api_key"] === undefined ? headers.cookie : undefined
}

function isForeignCookieUse(request: FastifyRequest, publicUrl: string): boolean {
  if (safeMethods.has(request.method)) return false
  const secure = publicUrl.startsWith("https:")
  if (sessionCookieOf(countingCookies(request), secure) === undefined) return false
  const { origin, "sec-fetch-site": site } = request.headers
  return isFromElsewhere(request, publicUrl) || (origin === undefined && site !== "same-origin")
}

export function originRefused(): GrantryError {
  const message =
    "This call came with a session's cookie but not from a page of this server. Send the Origin of this server, or use an API key (header api_key) instead of the cookie."
  return new GrantryError("ORIGIN_REFUSED", 403, message)
}
