/**
 * How Microsoft Entra and Graph tell what is wrong.
 * https://learn.microsoft.com/entra/identity-platform/reference-error-codes
 */
import type { Problem, ProblemKind } from "../problems.ts"
import { standardStatus } from "../problems.ts"
import type { Reply } from "../reply.ts"
import { jsonReply } from "../reply.ts"
import type { AuthorizationRefusal } from "../service-profile.ts"

interface EntraError {
  readonly error: string
  readonly number: number
  readonly status: number
  readonly suberror?: string
}

const invalidGrant = { error: "invalid_grant", status: 400 } as const
const invalidRequest = { error: "invalid_request", status: 400 } as const
const invalidClient = { error: "invalid_client", status: 401 } as const

const malformed: EntraError = { ...invalidRequest, number: 9002313 }

/** Everything that is not named here is a malformed request. A redirect URI that differs is told as invalid_client. */
const entraErrors: { readonly [kind in ProblemKind]?: EntraError } = {
  unknown_client: { error: "unauthorized_client", number: 700016, status: 400 },
  wrong_secret: { ...invalidClient, number: 7000215 },
  wrong_client_authentication: { ...invalidClient, number: 7000218 },
  redirect_uri_mismatch: { ...invalidClient, number: 500112 },
  code_used: { ...invalidGrant, number: 54005 },
  code_expired: { ...invalidGrant, number: 70008 },
  code_unknown: { ...invalidGrant, number: 700005 },
  code_of_other_client: { ...invalidGrant, number: 70000 },
  refresh_token_dead: { ...invalidGrant, number: 700082, suberror: "bad_token" },
  refresh_token_reused: { ...invalidGrant, number: 50173, suberror: "bad_token" },
  refresh_token_of_other_client: { ...invalidGrant, number: 70000 },
  pkce_verifier_missing: { ...invalidGrant, number: 501481 },
  pkce_verifier_wrong: { ...invalidGrant, number: 501481 },
  interaction_required: {
    error: "interaction_required",
    number: 50076,
    status: 400,
    suberror: "basic_action",
  },
  access_denied: { error: "access_denied", number: 65004, status: 400 },
  invalid_scope: { error: "invalid_scope", number: 70011, status: 400 },
  unsupported_grant_type: { error: "unsupported_grant_type", number: 70003, status: 400 },
  unsupported_response_type: { error: "unsupported_response_type", number: 70005, status: 400 },
  rate_limited: { error: "temporarily_unavailable", number: 90055, status: 429 },
  server_error: { error: "temporarily_unavailable", number: 90033, status: 503 },
  missing_parameter: { ...invalidRequest, number: 900144 },
  redirect_uri_missing: { ...invalidRequest, number: 50011 },
  redirect_uri_invalid: { ...invalidRequest, number: 50011 },
  method_not_allowed: { ...invalidRequest, number: 900561, status: 405 },
}

function entraError(kind: ProblemKind): EntraError {
  return entraErrors[kind] ?? malformed
}

const traceId = "00000000-5a4d-4b0c-8000-000000000001"

function errorReply(told: EntraError, detail: string, outcome: string, timestamp: string): Reply {
  const { error, number, status, suberror } = told
  const trail = `Trace ID: ${traceId} Correlation ID: ${traceId} Timestamp: ${timestamp}`
  const headers: Record<string, string> = status === 429 ? { "retry-after": "30" } : {}
  const body = {
    error,
    error_description: `AADSTS${number}: ${detail} ${trail}`,
    error_codes: [number],
    timestamp,
    trace_id: traceId,
    correlation_id: traceId,
    error_uri: `https://login.microsoftonline.com/error?code=${number}`,
    ...(suberror === undefined ? {} : { suberror }),
  }
  return jsonReply(status, body, outcome, headers)
}

/** The time of an error is of no account to anybody; a fixed one keeps answers alike. */
const someTime = "2026-01-01 00:00:00Z"

export function tokenProblem(found: Problem): Reply {
  return errorReply(entraError(found.kind), found.detail, found.kind, someTime)
}

/** The answer to a refresh after a new rule of the organisation: the person has to appear, and the token lives. */
export function interactionDemand(nowMs: number): Reply {
  const timestamp = new Date(nowMs).toISOString().replace("T", " ").replace(/\.\d+/, "")
  const detail = "You must use multi-factor authentication to access this resource."
  return errorReply(entraError("interaction_required"), detail, "interaction_required", timestamp)
}

const pageKinds: ReadonlySet<ProblemKind> = new Set([
  "unknown_client",
  "redirect_uri_missing",
  "redirect_uri_invalid",
  "redirect_uri_mismatch",
  "missing_parameter",
])

/** Faults of the client or its registration are shown on Microsoft's page; the rest comes back. */
export function callbackRefusal(found: Problem): AuthorizationRefusal {
  const { error, number } = entraError(
    found.kind === "redirect_uri_mismatch" ? "redirect_uri_invalid" : found.kind,
  )
  const shownOn = pageKinds.has(found.kind) ? "page" : "callback"
  return { shownOn, error, description: `AADSTS${number}: ${found.detail}` }
}

/** Graph nests its errors. https://learn.microsoft.com/graph/errors */
export function graphError(
  status: number,
  code: string,
  message: string,
  headers: Readonly<Record<string, string>> = {},
  outcome: string = code,
): Reply {
  const innerError = { date: "2026-01-01T00:00:00", "request-id": traceId, "client-request-id": traceId }
  return jsonReply(status, { error: { code, message, innerError } }, outcome, headers)
}

export function graphProblem(found: Problem): Reply {
  const status = standardStatus(found.kind)
  if (status === 401) {
    return graphError(
      401,
      "InvalidAuthenticationToken",
      found.detail,
      { "www-authenticate": 'Bearer realm=""' },
      found.kind,
    )
  }
  if (status === 429)
    return graphError(429, "TooManyRequests", found.detail, { "retry-after": "30" }, found.kind)
  const code = status === 405 ? "Request_BadRequest" : status >= 500 ? "serviceNotAvailable" : "BadRequest"
  return graphError(status, code, found.detail, {}, found.kind)
}
