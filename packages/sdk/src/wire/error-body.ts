import type { ErrorCode } from "./error-codes.ts"

/** The body of every answer with a status of 400 or more. Connector refusals also carry `X-Base44-Connector-Error`. */
export interface ErrorBody {
  /** One sentence a developer can act on. */
  readonly detail: string
  /** The same sentence: clients look for it under either name. */
  readonly message: string
  readonly code: ErrorCode
  /** Names this request in the server's log. */
  readonly request_id: string
  /** The page that explains `code`. */
  readonly docs_url: string
}

/** 409 `RECONNECT_REQUIRED`: the provider no longer honours the grant, a person has to consent again. */
export interface ReconnectRequiredBody extends ErrorBody {
  readonly code: "RECONNECT_REQUIRED"
  /** Where the app user can consent again; absent for shared connections and when it is not known. */
  readonly reconnect_url?: string
  /** ISO 8601, UTC: when the grant was found dead. */
  readonly since?: string
  /** The provider's own error code, e.g. `invalid_grant`; null when it named none. */
  readonly provider_error?: string | null
}
