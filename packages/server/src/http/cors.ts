/**
 * Lets the pages of an app's registered origins read the answers of that app's routes, and no others. Without
 * credentials mode: a page sends its token itself, cookies stay out of it.
 */
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify"
import { Type } from "typebox"
import type { Services } from "../services.ts"
import { appOfPath } from "./admit-caller.ts"

const methods = "GET, HEAD, POST, PUT, PATCH, DELETE"
/** What the published SDK sends, beside `x-…` and `base44-…`. */
const alwaysAllowed = ["authorization", "content-type", "x-app-id", "x-origin-url", "x-data-env"]
const preflightAgeS = "600"

/** Before the caller check, so that a page can read why it was refused. */
export function registerCors(app: FastifyInstance, services: Services): void {
  app.addHook("onRequest", (request, reply, done) => {
    const { origin } = request.headers
    const appId = origin === undefined ? undefined : appOfPath(request)
    if (origin === undefined || appId === undefined) return done()
    reply.header("vary", "Origin")
    services.storage.apps.allowsOrigin(appId, origin).then((allowed) => {
      if (allowed)
        reply.header("access-control-allow-origin", origin).header("access-control-expose-headers", "*")
      done()
    }, done)
  })
}

/** The answer to a browser that asks before it calls (Fetch standard, "CORS-preflight fetch"). */
export function preflightRoutes(app: FastifyInstance): void {
  app.options(
    "/api/apps/:app/*",
    { config: { caller: "public" }, schema: { hide: true, response: { 204: Type.Null() } } },
    async (request, reply) => {
      if (reply.hasHeader("access-control-allow-origin")) allow(request, reply)
      return reply.code(204).send()
    },
  )
}

function allow(request: FastifyRequest, reply: FastifyReply): void {
  const asked = request.headers["access-control-request-headers"] ?? ""
  const names = asked
    .toLowerCase()
    .split(",")
    .map((name) => name.trim())
    .filter((name) => /^(x|base44)-[a-z0-9-]{1,64}$/.test(name))
  reply
    .header("access-control-allow-methods", methods)
    .header("access-control-allow-headers", [...new Set([...alwaysAllowed, ...names])].join(", "))
    .header("access-control-max-age", preflightAgeS)
}
