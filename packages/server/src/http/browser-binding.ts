/** The cookie that ties an authorization to the browser in which the person clicked. */
import { timingSafeEqual } from "node:crypto"
import type {} from "@fastify/cookie"
import type { FastifyReply, FastifyRequest } from "fastify"
import { newSecret, sha256Text } from "../random.ts"

/** Longer than an attempt lives; the cookie says nothing by itself. */
const lifeS = 3_600

export interface BrowserBinding {
  /** The browser's secret; a new one is set where it has none. */
  bind(request: FastifyRequest, reply: FastifyReply): string
  read(request: FastifyRequest): string | undefined
  /** What the form of one attempt has to carry: another site cannot know it. */
  csrfToken(browserSecret: string, attemptId: string): string
  isCsrfToken(given: unknown, browserSecret: string, attemptId: string): boolean
}

/** @param secure whether the public URL is https: else the `__Host-` prefix and `Secure` must be left out (development) */
export function browserBinding(secure: boolean): BrowserBinding {
  const name = secure ? "__Host-grantry_connect" : "grantry_connect"
  const csrfToken = (browserSecret: string, attemptId: string): string =>
    sha256Text(`csrf ${attemptId} ${browserSecret}`)
  const read = (request: FastifyRequest): string | undefined => {
    const value = request.cookies[name]
    return value !== undefined && /^[\w-]{43}$/.test(value) ? value : undefined
  }
  return {
    read,
    csrfToken,
    bind(request, reply) {
      const secret = read(request) ?? newSecret()
      reply.setCookie(name, secret, { path: "/", httpOnly: true, sameSite: "lax", secure, maxAge: lifeS })
      return secret
    },
    isCsrfToken(given, browserSecret, attemptId) {
      const expected = Buffer.from(csrfToken(browserSecret, attemptId))
      const actual = Buffer.from(typeof given === "string" ? given : "")
      return expected.length === actual.length && timingSafeEqual(expected, actual)
    },
  }
}
