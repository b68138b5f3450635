/** Keeps in mind for the audit where each request came from. */
import type { FastifyInstance, preHandlerHookHandler, RouteOptions } from "fastify"
import type { RequestOrigins } from "../events/request-origins.ts"

export function keepOrigins(app: FastifyInstance, origins: RequestOrigins): void {
  const keep: preHandlerHookHandler = (request, _reply, done) =>
    origins.within({ address: request.ip, requestId: request.id }, done)
  app.addHook("onRoute", (route) => {
    // Token reads say it themselves: they are too many for this.
    if (isTokenRead(route)) return
    const others = [route.preHandler ?? []].flat().filter((hook) => hook !== keep)
    // After the body was read: what was kept before is lost on the way.
    route.preHandler = [keep, ...others]
  })
}

function isTokenRead({ config, method }: RouteOptions): boolean {
  const isRead = [method].flat().every((one) => one === "GET" || one === "HEAD")
  return isRead && (config?.caller === "service" || config?.caller === "service_for_user")
}
