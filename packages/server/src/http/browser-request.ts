/** What a browser's request says about itself. */
import type { FastifyRequest } from "fastify"
import { GrantryError } from "../errors.ts"

/** Browsers and link scanners that fetch ahead say so. */
export function isPrefetch(request: FastifyRequest): boolean {
  const purpose = `${String(request.headers["sec-purpose"] ?? "")} ${String(request.headers["purpose"] ?? "")}`
  return /prefetch|prerender|preview/i.test(purpose)
}

/** Another site's page sent this form (Fetch standard, section 2.2.5; Fetch Metadata). */
export function isFromElsewhere(request: FastifyRequest, ownOrigin: string): boolean {
  const { origin, "sec-fetch-site": site } = request.headers
  return (origin !== undefined && origin !== ownOrigin) || site === "cross-site"
}

/** The query, each parameter once (RFC 6749 section 3.1); a repeated one is refused. */
export function singleValued(url: string): Record<string, string> {
  const start = url.indexOf("?")
  const params: Record<string, string> = Object.create(null)
  for (const [name, value] of new URLSearchParams(start < 0 ? "" : url.slice(start + 1))) {
    if (name in params)
      throw new GrantryError("INVALID_REQUEST", 400, "A query parameter of the callback is repeated.")
    params[name] = value
  }
  return params
}
