/** One request to an emulated provider: find the endpoint, let faults interfere, answer, log. */
import type { FoundAddress } from "./address-pattern.ts"
import { findAddress } from "./address-pattern.ts"
import { answerApiCall, answerIdentity } from "./api.ts"
import { authorize } from "./authorize.ts"
import type { Fault } from "./faults.ts"
import { takeFault } from "./faults.ts"
import { bodyFormat, readJson } from "./parameters.ts"
import { problem } from "./problems.ts"
import type { Reply } from "./reply.ts"
import { htmlReply, jsonReply, textReply } from "./reply.ts"
import type { ProviderEndpoint } from "./request-log.ts"
import { logRequest, maskedParams } from "./request-log.ts"
import { answerRevocation } from "./revoke.ts"
import type { Sandbox } from "./sandbox.ts"
import { providerAddress } from "./sandbox-url.ts"
import type { ProviderCall } from "./service-profile.ts"
import type { Service } from "./service.ts"
import { answerTokenRequest } from "./token.ts"

export interface IncomingRequest {
  readonly method: string
  /** Path and query as they came. */
  readonly target: string
  readonly headers: Readonly<Record<string, string | undefined>>
  readonly body: string
}

/** An answer and how long it is held back; null: until the client gives up. */
export interface TimedReply {
  readonly reply: Reply
  readonly delayMs: number | null
}

export function answerProviderRequest(sandbox: Sandbox, request: IncomingRequest): TimedReply {
  const address = providerAddress(request.target)
  const service = address && sandbox.services.get(address.type)
  if (!address || !service) return { reply: unknownService(sandbox), delayMs: 0 }
  const { method, headers, body } = request
  const found = findAddress(service.addresses, method, address.url)
  const call: ProviderCall = { method, url: address.url, headers, body, config: found?.config ?? {} }
  const params = sentParams(call)
  const endpoint = found ? endpointOf(sandbox, service, found, params) : null
  const fault = endpoint && takeFault(sandbox.faults, service.definition.type, endpoint)
  const reply =
    found && endpoint ? answer(sandbox, service, call, { found, endpoint, fault }) : unknownAddress(service)
  log(sandbox, service, call, { endpoint, fault, reply, params })
  return { reply, delayMs: heldBackMs(fault) }
}

function unknownService(sandbox: Sandbox): Reply {
  const detail = `This sandbox emulates: ${[...sandbox.services.keys()].join(", ")}.`
  return jsonReply(404, { detail, code: "NOT_FOUND" }, "not_found")
}

function unknownAddress(service: Service): Reply {
  const exists = service.addresses.map(
    ({ kind, methods, template }) => `${kind}: ${methods.join("|") || "any"} ${template}`,
  )
  const detail = `${service.definition.displayName} has no such address. The sandbox emulates: ${exists.join("; ")}.`
  return jsonReply(404, { detail, code: "NOT_FOUND" }, "not_found")
}

function endpointOf(
  sandbox: Sandbox,
  service: Service,
  { pattern }: FoundAddress,
  params: readonly (readonly [string, string])[],
): ProviderEndpoint {
  if (pattern.kind !== "token") return pattern.kind
  if (pattern.further) return pattern.further.endpoint
  return service.profile.isRefresh(new Map(params), sandbox.store) ? "refresh" : "token"
}

interface Found {
  readonly found: FoundAddress
  readonly endpoint: ProviderEndpoint
  readonly fault: Fault | null
}

function answer(sandbox: Sandbox, service: Service, call: ProviderCall, { found, fault }: Found): Reply {
  const { kind } = found.pattern
  const instead = fault && faultReply(service, call, fault, kind)
  if (instead) return instead
  switch (kind) {
    case "authorize":
      return authorize(sandbox, service, call)
    case "token":
      return found.pattern.further
        ? found.pattern.further.answer(sandbox, service, call, fault)
        : answerTokenRequest(sandbox, service, call, fault)
    case "revoke":
      return answerRevocation(sandbox, service, call, found)
    case "identity":
      return answerIdentity(sandbox, service, call)
    case "api":
      return answerApiCall(sandbox, service, call)
  }
}

/** Faults that keep the request from being carried out. */
function faultReply(
  service: Service,
  call: ProviderCall,
  fault: Fault,
  kind: FoundAddress["pattern"]["kind"],
): Reply | null {
  const refuse = kind === "token" ? service.profile.tokenProblem : service.profile.apiProblem
  switch (fault.name) {
    case "5xx_then_ok":
      return refuse(problem("server_error", "The service is unavailable for a moment."), call)
    case "rate_limited": {
      const reply = refuse(problem("rate_limited", "Too many requests."), call)
      return { ...reply, headers: { ...reply.headers, "retry-after": String(fault.retryAfterS) } }
    }
    case "garbage":
      return {
        ...textReply(200, '{"access_token": "half an ans', "garbage"),
        headers: { "content-type": "application/json" },
      }
    case "html_error":
      return htmlReply(
        502,
        "<!doctype html><title>502 Bad Gateway</title><h1>502 Bad Gateway</h1>\n",
        "html_error",
      )
    default:
      return null
  }
}

/** `slow` and `hang` hold back the answer to a request that was carried out: that is how tokens get lost. */
function heldBackMs(fault: Fault | null): number | null {
  return fault?.name === "hang" ? null : (fault?.delayMs ?? 0)
}

function sentParams(call: ProviderCall): (readonly [string, string])[] {
  const format = bodyFormat(call.headers["content-type"])
  const query = [...call.url.searchParams]
  if (format === "form") return [...query, ...new URLSearchParams(call.body)]
  if (format !== "json") return query
  const read = readJson(call.body)
  return read.kind === "read" ? [...query, ...read.values] : query
}

interface Logged {
  readonly endpoint: ProviderEndpoint | null
  readonly fault: Fault | null
  readonly reply: Reply
  readonly params: readonly (readonly [string, string])[]
}

function log(
  sandbox: Sandbox,
  service: Service,
  call: ProviderCall,
  { endpoint, fault, reply, params }: Logged,
): void {
  const shown = maskedParams(params)
  const own = (name: string) => (Object.hasOwn(shown, name) ? (shown[name] ?? null) : null)
  logRequest(sandbox.log, {
    type: service.definition.type,
    endpoint: endpoint ?? "unknown",
    method: call.method,
    host: call.url.host,
    path: call.url.pathname,
    grant_type: own("grant_type"),
    client_id: own("client_id"),
    params: shown,
    fault: fault?.name ?? null,
    status: reply.status,
    outcome: reply.outcome,
    at: new Date(sandbox.clock.now()).toISOString(),
  })
}
