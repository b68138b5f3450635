/** Holds back who asks for more than is theirs: addresses before anything costs, workspaces once the caller is known. */
import type { FastifyInstance, FastifyRequest } from "fastify"
import type { BeforeLookUp } from "../callers/authenticate.ts"
import type { Caller, MemberCaller } from "../callers/caller.ts"
import { GrantryError } from "../errors.ts"
import type { Limits, Spender } from "../limits/limits.ts"
import type { WorkspaceLimit } from "../limits/rate-limits.ts"
import { problemPage } from "./pages/problem-page.ts"
import { sendPage } from "./pages/layout.ts"

/**
 * What a route counts as, where its caller and method do not say it: `consents` also counts the user's own; `none` is
 * for what must answer in any case, or counts elsewhere.
 */
export type RouteLimit = "reads" | "users" | "consents" | "none"

declare module "fastify" {
  interface FastifyContextConfig {
    limit?: RouteLimit
  }
}

/** Routes that ask for no credential. Before everything else that is done for a request. */
export function registerAddressLimit(app: FastifyInstance, limits: Limits): void {
  app.addHook("onRequest", (request, reply, done) => {
    const { caller, limit } = request.routeOptions.config
    if (limit === "none" || (caller !== "page" && caller !== "public")) return done()
    const refusal = limits.useAddress("open", request.ip)
    if (!refusal || caller === "public") return done(refusal)
    const { headers = {}, retryAfterS } = refusal.details
    reply.headers({ ...headers, "retry-after": String(retryAfterS) })
    void sendPage(reply, problemPage(refusal, request.id))
  })
}

/** A stranger's credential costs a look-up or a signature: not for an address that has sent too many bad ones. */
export function strangerCheck(limits: Limits, request: FastifyRequest): BeforeLookUp {
  return (wasGood) => {
    // Who shares the address with whoever sends bad ones, and was let in lately, is let in again.
    const refusal = wasGood ? undefined : limits.checkAddress("refused", request.ip)
    if (refusal) throw refusal
  }
}

/** Counts calls without a valid credential; those that come with one count against its workspace. */
export function countRefusal(limits: Limits, request: FastifyRequest, error: unknown): unknown {
  const isStranger =
    request.caller === undefined && error instanceof GrantryError && error.code === "UNAUTHORIZED"
  return isStranger ? (limits.useAddress("refused", request.ip) ?? error) : error
}

export interface Use {
  readonly request: FastifyRequest
  readonly caller: Caller
  readonly limit: RouteLimit | undefined
}

/** @returns what the call is refused with; undefined: it may go on */
export function useLimit(limits: Limits, { caller, limit, request }: Use): GrantryError | undefined {
  if (caller.kind === "service" && limit === "reads") return limits.useWorkspace("reads", caller)
  const spender = caller.kind === "member" ? spenderOf(caller, request) : caller
  if (spender === undefined || limit === "none") return undefined
  const refusal = limits.useWorkspace(workspaceLimit(request, caller, limit), spender)
  if (refusal || limit !== "consents" || caller.kind !== "app_user") return refusal
  return limits.useUser("consents", caller)
}

function workspaceLimit(
  { method }: FastifyRequest,
  { kind }: Caller,
  limit: RouteLimit | undefined,
): WorkspaceLimit {
  if (kind === "app_user" || limit === "users") return "users"
  return method === "GET" || method === "HEAD" ? "calls" : "writes"
}

/** The workspace that the path names; a path that names an app counts as the first that the credential opens. */
function spenderOf({ actor, workspaces }: MemberCaller, { params }: FastifyRequest): Spender | undefined {
  const named = typeof params === "object" && params !== null && "ws" in params ? params.ws : undefined
  const place = workspaces.find(({ workspaceId }) => workspaceId === named) ?? workspaces[0]
  return place && { workspaceId: place.workspaceId, actor }
}
