/** Decides whether a caller is of the kind that the route is for, and finds the app user where there is one. */
import type { FastifyRequest } from "fastify"
import type { AppUserAuthenticator } from "../callers/authenticate-app-user.ts"
import type { BeforeLookUp } from "../callers/authenticate.ts"
import { type AppUserCaller, unauthorized } from "../callers/caller.ts"
import { GrantryError } from "../errors.ts"
import { notFound } from "./not-found.ts"

/**
 * `service_for_user`: a service credential and, in the header `on-behalf-of`, a user's token; `app_user_or_service`: a
 * user's token alone will do too.
 */
export type CheckedCaller = "member" | "service" | "app_user" | "service_for_user" | "app_user_or_service"

/** How a user's token is judged, and what is asked before a stranger's is. */
export interface UserCheck {
  readonly appUsers: AppUserAuthenticator
  readonly beforeLookUp?: BeforeLookUp
}

/** Lets the request pass and says who the user is, or throws what it is refused with. */
export async function admit(check: UserCheck, request: FastifyRequest, wanted: CheckedCaller): Promise<void> {
  const { appUsers } = check
  const found = request.caller
  if (wanted === "member") throw found ? memberRequired() : unauthorized()
  const caller = found ?? (await bearerUser(check, request))
  if (!caller) throw unauthorized()
  request.caller = caller
  switch (wanted) {
    case "service":
      throw serviceRequired()
    case "app_user":
      if (caller.kind !== "app_user") throw appUserRequired()
      request.appUser = caller
      return
    case "app_user_or_service":
      if (caller.kind === "member") throw appUserRequired()
      request.appUser =
        caller.kind === "app_user" ? caller : await userServed(appUsers, request, caller.appId)
      return
    case "service_for_user":
      if (caller.kind !== "service") throw serviceRequired()
      request.appUser = await userServed(appUsers, request, caller.appId)
      return
  }
}

async function bearerUser(
  { appUsers, beforeLookUp }: UserCheck,
  request: FastifyRequest,
): Promise<AppUserCaller | undefined> {
  const token = bearerToken(request.headers.authorization)
  const appId = appOfPath(request)
  if (token === undefined || appId === undefined) return undefined
  return appUsers.authenticate(appId, token, beforeLookUp)
}

/** A service's app is looked at first: what it may say about users of another one is nobody's business. */
async function userServed(
  appUsers: AppUserAuthenticator,
  request: FastifyRequest,
  appId: string,
): Promise<AppUserCaller> {
  if (appOfPath(request) !== appId) throw notFound("app")
  const header = request.headers["on-behalf-of"]
  if (header === undefined)
    throw unauthorized(
      "The header on-behalf-of is missing: a service names the user for whom it calls with on-behalf-of: Bearer <the user's token>.",
    )
  const token = typeof header === "string" ? bearerToken(header) : undefined
  const user = token === undefined ? undefined : await appUsers.authenticate(appId, token)
  if (!user)
    throw unauthorized(
      "The header on-behalf-of holds no valid token of a user of this app. It must be: Bearer <the user's token>.",
    )
  return user
}

function bearerToken(header: string | undefined): string | undefined {
  return header?.startsWith("Bearer ") === true ? header.slice("Bearer ".length) : undefined
}

export function appOfPath({ params }: FastifyRequest): string | undefined {
  if (typeof params !== "object" || params === null || !("app" in params)) return undefined
  return typeof params.app === "string" ? params.app : undefined
}

function serviceRequired(): GrantryError {
  return new GrantryError(
    "SERVICE_TOKEN_REQUIRED",
    403,
    "This endpoint is only accessible to service tokens",
    { connector: true },
  )
}

function memberRequired(): GrantryError {
  const message =
    "A service key fetches tokens and nothing else. Use a workspace API key (header api_key) for this call."
  return new GrantryError("MEMBER_REQUIRED", 403, message)
}

function appUserRequired(): GrantryError {
  const message =
    "This call is an app user's own. Send the user's token: Authorization: Bearer <JWT of an issuer that the app trusts, or from POST users/token>."
  return new GrantryError("APP_USER_REQUIRED", 403, message)
}
