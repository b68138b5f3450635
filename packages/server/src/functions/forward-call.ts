/** The gateway to an app's backend functions: CONTRACT section 8. */
import type { IncomingHttpHeaders } from "node:http"
import type { Readable } from "node:stream"
import { requireFunctions } from "../callers/verify-service-token.ts"
import { GrantryError } from "../errors.ts"
import { OutboundError, type OutboundStream } from "../outbound/outbound.ts"
import type { Services } from "../services.ts"
import type { App } from "../storage/stores/apps.ts"
import { type Headers, headersForFunction, headersFromFunction } from "./headers.ts"
import { passedAuthorization } from "./passed-authorization.ts"
import { upstreamUrl } from "./upstream-url.ts"

export interface FunctionCall {
  readonly appId: string
  readonly method: string
  /** What follows `/functions` in the address: path and query as they were written. */
  readonly target: string
  readonly headers: IncomingHttpHeaders
  readonly body: Readable | null
  /** Ends the call when the caller is gone. */
  readonly signal: AbortSignal
}

/** In `Via` (RFC 9110 section 7.6.3). */
const ownName = "grantry"
/** Sending, waiting and the whole answer, however slowly it comes. */
const deadlineMs = 5 * 60_000
const maxCallBytes = 32 * 1024 * 1024
const maxAnswerBytes = 64 * 1024 * 1024

/** @throws NOT_FOUND, BACKEND_FUNCTIONS_DISABLED, FUNCTIONS_UPSTREAM_UNAVAILABLE, INVALID_REQUEST (413) */
export async function forwardCall(services: Services, call: FunctionCall): Promise<OutboundStream> {
  if (Number(call.headers["content-length"]) > maxCallBytes) throw callTooLarge()
  const app = await services.storage.apps.findAnywhere(call.appId)
  if (app) requireFunctions(app)
  const refusal = app && services.limits.useWorkspace("functions", spenderOf(app))
  if (refusal) throw refusal
  const url = app?.functionsUpstream ? upstreamUrl(app.functionsUpstream, call.target) : undefined
  if (!app || !url) throw noFunction()
  if (call.headers.via?.includes(ownName) === true) throw goesInCircles()
  const headers = await sentHeaders(services, app, call)
  try {
    const answer = await services.protocol.outbound.open({
      method: call.method,
      url,
      headers,
      body: call.body,
      maxBodyBytes: maxCallBytes,
      maxAnswerBytes,
      deadlineMs,
      signal: call.signal,
    })
    return { ...answer, headers: headersFromFunction(answer.headers) }
  } catch (error) {
    throw error instanceof OutboundError ? failed(error) : error
  }
}

/** Anybody may call them: they count as the app's. */
function spenderOf({ id: appId, workspaceId }: App) {
  return { workspaceId, appId, actor: `app:${appId}` }
}

async function sentHeaders(services: Services, app: App, call: FunctionCall): Promise<Headers> {
  const { token } = await services.minted.forService(app)
  const authorization = await passedAuthorization(services, app.id, call.headers.authorization)
  return headersForFunction(call.headers, {
    ...(authorization !== undefined && { authorization }),
    via: [call.headers.via ?? [], `1.1 ${ownName}`].flat().join(", "),
    "base44-app-id": app.id,
    "base44-api-url": services.config.publicUrl,
    "base44-service-authorization": `Bearer ${token}`,
  })
}

/** The same for an app that does not exist and for one without functions. */
function noFunction(): GrantryError {
  return new GrantryError(
    "NOT_FOUND",
    404,
    "There is no such function: the app does not exist or has no functions_upstream (set it with PUT /api/apps/{app}), or the path is not one.",
  )
}

/** An upstream that is Grantry again would call itself until nothing is left. */
function goesInCircles(): GrantryError {
  const message =
    "The app's functions upstream leads back to Grantry. Set functions_upstream to where the functions run."
  return new GrantryError("FUNCTIONS_UPSTREAM_UNAVAILABLE", 502, message)
}

function failed(error: OutboundError): GrantryError {
  if (error.kind === "body_too_large") return callTooLarge()
  const message =
    "The app's functions upstream did not answer. Check that it runs and that functions_upstream names it."
  return new GrantryError("FUNCTIONS_UPSTREAM_UNAVAILABLE", 502, message, { cause: error })
}

function callTooLarge(): GrantryError {
  const message = `The body of a call of a function may hold at most ${maxCallBytes} bytes.`
  return new GrantryError("INVALID_REQUEST", 413, message)
}
