import type { ErrorCode } from "./wire/error-codes.ts"

/** Everything about a failed call but its sentence. */
export interface GrantryErrorDetails {
  readonly status?: number | undefined
  readonly code?: ErrorCode | (string & {}) | undefined
  readonly data?: unknown
  readonly requestId?: string | undefined
  readonly docsUrl?: string | undefined
  readonly retryAfterMs?: number | undefined
  readonly cause?: unknown
}

/** What `JSON.stringify` makes of an error: everything but `cause` and the stack. */
export interface GrantryErrorJson extends Omit<GrantryErrorDetails, "cause"> {
  readonly name: string
  readonly message: string
}

/** A call that did not succeed. Holds no token that the client was given, neither here nor in its JSON. */
export class GrantryError extends Error {
  override name = "GrantryError"
  /** HTTP status; undefined when no answer came. */
  readonly status: number | undefined
  /** Stable name of what happened; undefined when no answer came or it was not Grantry's. */
  readonly code: ErrorCode | (string & {}) | undefined
  /** The answer's body, parsed; undefined when there was none or it was not JSON. */
  readonly data: unknown
  /** Names the request in the server's log. */
  readonly requestId: string | undefined
  /** The page that explains `code`. */
  readonly docsUrl: string | undefined
  /** Milliseconds to wait before another try makes sense, where the server says so. */
  readonly retryAfterMs: number | undefined

  constructor(message: string, details: GrantryErrorDetails = {}) {
    super(message, details)
    this.status = details.status
    this.code = details.code
    this.data = details.data
    this.requestId = details.requestId
    this.docsUrl = details.docsUrl
    this.retryAfterMs = details.retryAfterMs
  }

  /** For logs. Leaves out `cause`, which belongs to the runtime or to a `fetch` of the caller's own. */
  toJSON(): GrantryErrorJson {
    const { name, message, status, code, data, requestId, docsUrl, retryAfterMs } = this
    return { name, message, status, code, data, requestId, docsUrl, retryAfterMs }
  }
}

/** 404 `NOT_FOUND`: nobody connected this account, or it was disconnected. Somebody has to connect it. */
export class NotConnectedError extends GrantryError {
  override name = "NotConnectedError"
}

/** 409 `RECONNECT_REQUIRED`: the provider ended the grant. Only a person's new consent brings it back. */
export class ReconnectRequiredError extends GrantryError {
  override name = "ReconnectRequiredError"
  /** Where the app user consents again; undefined for shared connections and when the server does not know it. */
  readonly reconnectUrl: string | undefined
  /** When the grant was found dead, where the server says so. */
  readonly since: Date | undefined
  /** The provider's own code for the reason, e.g. `invalid_grant`, where it named one. */
  readonly providerError: string | undefined

  constructor(
    message: string,
    details: GrantryErrorDetails & {
      readonly reconnectUrl?: string | undefined
      readonly since?: Date | undefined
      readonly providerError?: string | undefined
    } = {},
  ) {
    super(message, details)
    this.reconnectUrl = details.reconnectUrl
    this.since = details.since
    this.providerError = details.providerError
  }
}

/**
 * 503 `PROVIDER_UNAVAILABLE` or `OAUTH_CLIENT_REJECTED`: the provider gives out no token right now. The connection
 * stays as it is: try again later and do not ask anybody to consent again.
 */
export class ProviderUnavailableError extends GrantryError {
  override name = "ProviderUnavailableError"
}
