/**
 * The one kind of error that becomes an answer. What the caller may read (`message`) and what only the log may hold
 * (`cause`) are apart by construction; `http/send-error.ts` is the one place that turns it into a response.
 */
import type { ErrorCode } from "@grantry/sdk/wire"

export interface ErrorDetails {
  /** Seconds; becomes the header `Retry-After`. */
  readonly retryAfterS?: number
  readonly headers?: Readonly<Record<string, string>>
  /** Further members of the body, e.g. `reconnect_url`. Never a secret. */
  readonly body?: Readonly<Record<string, unknown>>
  /** The answer is a connector's refusal and carries `X-Base44-Connector-Error`. */
  readonly connector?: boolean
  readonly cause?: unknown
}

export class GrantryError extends Error {
  override readonly name = "GrantryError"
  readonly code: ErrorCode
  readonly status: number
  readonly details: ErrorDetails

  /** @param message one sentence a developer can act on: what happened, why, what to do next */
  constructor(code: ErrorCode, status: number, message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause })
    this.code = code
    this.status = status
    this.details = details
  }
}
