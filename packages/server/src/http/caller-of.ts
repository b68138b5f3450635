/** Checks who calls, before a route runs: every route says which kind of caller it is for. */
import type { FastifyInstance, FastifyRequest } from "fastify"
import type { AppUserAuthenticator } from "../callers/authenticate-app-user.ts"
import type { Authenticator, BeforeLookUp } from "../callers/authenticate.ts"
import {
  type AppUserCaller,
  type Caller,
  type MemberCaller,
  requireRole,
  type ServiceCaller,
  unauthorized,
} from "../callers/caller.ts"
import type { Limits } from "../limits/limits.ts"
import type { Services } from "../services.ts"
import type { Role } from "../storage/stores/accounts.ts"
import type { App } from "../storage/stores/apps.ts"
import { admit, type CheckedCaller } from "./admit-caller.ts"
import { countRefusal, type RouteLimit, strangerCheck, useLimit } from "./limit-requests.ts"
import { notFound } from "./not-found.ts"

export { notFound } from "./not-found.ts"

/** `public`: no credential; `page`: a person's browser; the others: as CONTRACT section 2 names them. */
export type RouteCaller = "public" | "page" | CheckedCaller

declare module "fastify" {
  interface FastifyContextConfig {
    caller?: RouteCaller
  }
  interface FastifyRequest {
    caller: Caller | undefined
    /** The user who calls, or for whom a service calls. */
    appUser: AppUserCaller | undefined
  }
}

export interface Callers {
  readonly authenticator: Authenticator
  readonly appUsers: AppUserAuthenticator
  readonly limits: Limits
}

/** Registers the check; a route that does not say who may call it does not start. */
export function registerCallerCheck(app: FastifyInstance, callers: Callers): void {
  const { limits } = callers
  app.decorateRequest("caller", undefined)
  app.decorateRequest("appUser", undefined)
  app.addHook("onRoute", (route) => {
    if (route.config?.caller === undefined) throw new Error(`route ${route.url} does not say who may call it`)
  })
  app.addHook("onRequest", (request, _reply, done) => {
    const { caller: wanted, limit } = request.routeOptions.config
    if (wanted === undefined || wanted === "public" || wanted === "page") return done()
    const check: Check = { request, wanted, limit, beforeLookUp: strangerCheck(limits, request), done }
    try {
      const found = callers.authenticator.authenticate(request.headers, check.beforeLookUp)
      if (found instanceof Promise) found.then((caller) => settle(check, caller), done)
      else settle(check, found)
    } catch (error) {
      done(asError(error))
    }
  })

  function settle(check: Check, caller: Caller | undefined): void {
    const { beforeLookUp, done, limit, request, wanted } = check
    request.caller = caller
    const refusal = caller && useLimit(limits, { request, caller, limit })
    // The hot path waits for nothing.
    if (refusal || caller?.kind === wanted) return done(refusal)
    admit({ appUsers: callers.appUsers, beforeLookUp }, request, wanted).then(
      () => {
        const user = caller ? undefined : request.caller
        done(user && useLimit(limits, { request, caller: user, limit }))
      },
      (error: unknown) => done(asError(countRefusal(limits, request, error))),
    )
  }
}

interface Check {
  readonly request: FastifyRequest
  readonly wanted: CheckedCaller
  readonly limit: RouteLimit | undefined
  readonly beforeLookUp: BeforeLookUp
  readonly done: (error?: Error) => void
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error("the caller check failed", { cause: error })
}

export function memberOf(request: FastifyRequest): MemberCaller {
  if (request.caller?.kind !== "member") throw unauthorized()
  return request.caller
}

export function serviceOf(request: FastifyRequest): ServiceCaller {
  if (request.caller?.kind !== "service") throw unauthorized()
  return request.caller
}

/** The user who calls, or for whom a service calls: of the app that the path names, in either case. */
export function appUserOf(request: FastifyRequest): AppUserCaller {
  if (request.appUser === undefined) throw unauthorized()
  return request.appUser
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
