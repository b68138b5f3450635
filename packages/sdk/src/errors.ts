import type { ErrorCode } from "./wire/error-codes.ts"

/** Everything about a failed call but its sentence. */
export interface GrantryErrorDetails {
  readonly status?: number | undefined
  readonly code?: ErrorCode | (string & {}) | undefined
  readonly data?: unknown
  readonly requestId?: string | undefined
  readonly docsUrl?: string | undefined
  readonly retryAfterMs?: number | undefined
  /** Of a `ReconnectRequiredError`, like the next two. */
  readonly reconnectUrl?: string | undefined
  readonly since?: Date | undefined
  readonly providerError?: string | null | undefined
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
  declare readonly status: number | undefined
  /** Stable name of what happened; undefined when no answer came or it was not Grantry's. */
  declare readonly code: ErrorCode | (string & {}) | undefined
  /** The answer's body, parsed; undefined when there was none or it was not JSON. */
  declare readonly data: unknown
  /** Names the request in the server's log. */
  declare readonly requestId: string | undefined
  /** The page that explains `code`. */
  declare readonly docsUrl: string | undefined
  /** Milliseconds to wait before another try makes sense, where the server says so. */
  declare readonly retryAfterMs: number | undefined

  constructor(message: string, details?: GrantryErrorDetails) {
    super(message, details)
    Object.assign(this, details)
  }

  /** For logs. Leaves out `cause`, which belongs to the runtime or to a `fetch` of the caller's own. */
  toJSON(): GrantryErrorJson {
    // `message`, `cause` and `stack` are not enumerable.
    return Object.assign({ message: this.message }, this)
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
  declare readonly reconnectUrl: string | undefined
  /** When the grant was found dead, where the server says so. */
  declare readonly since: Date | undefined
  /** The provider's own code for the reason, e.g. `invalid_grant`; null or undefined where it named none. */
  declare readonly providerError: string | null | undefined
}

/**
 * 503 `PROVIDER_UNAVAILABLE` or `OAUTH_CLIENT_REJECTED`: the provider gives out no token right now. The connection
 * stays as it is: try again later and do not ask anybody to consent again.
 */
export class ProviderUnavailableError extends GrantryError {
  override name = "ProviderUnavailableError"
}

/**
 * A consent that ended without a connection: the person closed the window (`code` is `window_closed`), or they or
 * the provider refused (`code` is the provider's own, e.g. `access_denied`, or Grantry's).
 */
export class ConnectError extends GrantryError {
  override name = "ConnectError"
}
