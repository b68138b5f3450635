/** Checks who calls, before a route runs: every route says which kind of caller it is for. */
import type { FastifyInstance, FastifyRequest } from "fastify"
import type { Authenticator } from "../callers/authenticate.ts"
import {
  type Caller,
  type MemberCaller,
  requireRole,
  type ServiceCaller,
  unauthorized,
} from "../callers/caller.ts"
import { GrantryError } from "../errors.ts"
import type { Services } from "../services.ts"
import type { App, Role } from "../storage/stores.ts"

/** `public`: no credential; `page`: a person's browser; the others: as CONTRACT section 2 names them. */
export type RouteCaller = "public" | "page" | "member" | "service"

declare module "fastify" {
  interface FastifyContextConfig {
    caller?: RouteCaller
  }
  interface FastifyRequest {
    caller: Caller | undefined
  }
}

/** Registers the check; a route that does not say who may call it does not start. */
export function registerCallerCheck(app: FastifyInstance, authenticator: Authenticator): void {
  app.decorateRequest("caller", undefined)
  app.addHook("onRoute", (route) => {
    if (route.config?.caller === undefined) throw new Error(`route ${route.url} does not say who may call it`)
  })
  app.addHook("onRequest", (request, _reply, done) => {
    const wanted = request.routeOptions.config.caller
    if (wanted !== "member" && wanted !== "service") return done()
    const found = authenticator.authenticate(request.headers)
    if (!(found instanceof Promise)) return done(admit(request, found, wanted))
    found.then((caller) => done(admit(request, caller, wanted)), done)
  })
}

function admit(
  request: FastifyRequest,
  caller: Caller | undefined,
  wanted: "member" | "service",
): GrantryError | undefined {
  if (!caller) return unauthorized()
  request.caller = caller
  if (caller.kind === wanted) return undefined
  if (wanted === "service") {
    return new GrantryError(
      "SERVICE_TOKEN_REQUIRED",
      403,
      "This endpoint is only accessible to service tokens",
      { connector: true },
    )
  }
  const message =
    "A service key fetches tokens and nothing else. Use a workspace API key (header api_key) for this call."
  return new GrantryError("MEMBER_REQUIRED", 403, message)
}

export function memberOf(request: FastifyRequest): MemberCaller {
  if (request.caller?.kind !== "member") throw unauthorized()
  return request.caller
}

export function serviceOf(request: FastifyRequest): ServiceCaller {
  if (request.caller?.kind !== "service") throw unauthorized()
  return request.caller
}

/**
 * The app of the path, if it is the caller's to see; a foreign one answers as one that does not exist.
 *
 * @param least the role that the call needs
 * @throws NOT_FOUND, ROLE_REQUIRED
 */
export async function appOf(
  services: Pick<Services, "storage">,
  caller: MemberCaller,
  appId: string,
  least: Role = "viewer",
): Promise<App> {
  const app = await services.storage.apps.findIn(
    caller.workspaces.map((place) => place.workspaceId),
    appId,
  )
  if (!app) throw notFound("app")
  requireWorkspace(caller, app.workspaceId, least)
  return app
}

export function notFound(what: string): GrantryError {
  return new GrantryError("NOT_FOUND", 404, `There is no such ${what}.`)
}

/** @throws NOT_FOUND when the credential does not open that workspace; ROLE_REQUIRED */
export function requireWorkspace(caller: MemberCaller, workspaceId: string, least: Role = "viewer"): void {
  const place = caller.workspaces.find((one) => one.workspaceId === workspaceId)
  if (!place) throw notFound("workspace")
  requireRole(place.role, least)
}

/** Where a member makes things who names no workspace: the personal one first. @throws NOT_FOUND */
export function firstWorkspace(caller: MemberCaller): string {
  const [first] = caller.workspaces
  if (!first) throw notFound("workspace")
  return first.workspaceId
}
