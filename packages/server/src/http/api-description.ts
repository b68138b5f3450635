/**
 * `/api/openapi.json`, made of the routes' own schemas when somebody asks for it: the library that writes it, and what
 * it brings, is a tenth of what a start would load.
 */
import Fastify, { type FastifyInstance, type RouteOptions } from "fastify"
import { version } from "../version.ts"

const info = {
  title: "Grantry",
  version,
  description: "Connect accounts once, fetch fresh access tokens in one call.",
}

type Described = Pick<RouteOptions, "method" | "url" | "schema">

/** Remembers every route that is registered after it, in the same context. */
export function collectRoutes(app: FastifyInstance): readonly Described[] {
  const described: Described[] = []
  app.addHook("onRoute", ({ method, url, schema }) => {
    described.push({ method, url, ...(schema && { schema }) })
  })
  return described
}

export function apiDescriptionRoute(app: FastifyInstance, described: readonly Described[]): void {
  let document: Promise<unknown> | undefined
  app.get("/api/openapi.json", { config: { caller: "public" }, schema: { hide: true } }, () => {
    document ??= writeDescription(described)
    return document
  })
}

/** Routes of an application that never listens, where the library sees them. */
async function writeDescription(routes: readonly Described[]): Promise<unknown> {
  const { default: swagger } = await import("@fastify/swagger")
  const app = Fastify({ exposeHeadRoutes: false })
  await app.register(swagger, { openapi: { info } })
  await app.register(async (scope) => {
    scope.setValidatorCompiler(() => () => true)
    scope.setSerializerCompiler(() => () => "")
    for (const route of routes) scope.route({ ...route, handler: () => undefined })
  })
  await app.ready()
  const document: unknown = app.swagger()
  await app.close()
  return document
}
