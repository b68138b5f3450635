/** Shared connectors of an app: `/api/apps/{app}/external-auth/…`, called by members. */

/** A value that a service needs before consent, e.g. a subdomain. */
export interface ConnectionConfigField {
  readonly name: string
  readonly display_name: string
  readonly description: string
  readonly placeholder: string
  readonly required: boolean
  /** Anchored regular expression for the whole value. */
  readonly validation_pattern: string
  /** What to tell a person whose value does not match. */
  readonly validation_error: string
}

export interface AvailableIntegration {
  readonly integration_type: string
  readonly display_name: string
  readonly description: string
  readonly connection_config_fields: readonly ConnectionConfigField[]
}

/** `GET available-integrations` */
export interface AvailableIntegrationsAnswer {
  readonly integrations: readonly AvailableIntegration[]
}

/** Trouble at a provider is not a status: such a connection stays `active`. */
export type IntegrationStatus = "active" | "disconnected" | "expired"

export interface SharedConnection {
  readonly integration_type: string
  readonly status: IntegrationStatus
  readonly scopes: readonly string[]
  /** The member who connected it; absent rather than null. */
  readonly user_email?: string
}

/** `GET list` */
export interface IntegrationListAnswer {
  readonly integrations: readonly SharedConnection[]
}

/** `PUT integrations/{type}`: what shall be, not what to add. */
export interface PutIntegrationRequest {
  readonly scopes: readonly string[]
  readonly connection_config?: Readonly<Record<string, string>> | null
}

/** `POST initiate` */
export interface InitiateRequest {
  readonly integration_type: string
  /** Added to those that the connection has. */
  readonly scopes?: readonly string[] | null
  readonly connection_config?: Readonly<Record<string, string>> | null
  /** The shared connection of this connector instead of the one addressed by type. */
  readonly connector_id?: string | null
  /** Takes the connection over from a colleague. */
  readonly force_reconnect?: boolean | null
}

/** Answer of `PUT integrations/{type}` and of `POST initiate`: all six keys, always. */
export interface AuthorizationAnswer {
  /** Our connect page, to be opened in a browser; null when nothing is left to consent to. */
  readonly redirect_url: string | null
  /** Asked for by `GET status`. */
  readonly connection_id: string | null
  readonly already_authorized: boolean
  /** `different_user`: a colleague's connection is in the place. */
  readonly error: string | null
  readonly error_message: string | null
  /** The colleague, with `different_user`. */
  readonly other_user_email: string | null
}

/** `GET status`, in the query string. */
export interface AuthorizationStatusQuery {
  readonly integration_type: string
  readonly connection_id: string
}

/** An attempt that is unfinished, or a colleague's, reads `PENDING`. */
export interface AuthorizationStatusAnswer {
  readonly status: "ACTIVE" | "FAILED" | "PENDING"
  /** Code of the error that ended it; with `FAILED` only. */
  readonly error?: string
  /** Why, as the person read it: the provider's own words where it has said something. */
  readonly error_message?: string
  /** What was sent to the provider, where it refused. */
  readonly redirect_uri?: string
}

/** What the provider has been told: `kept_shared` because another live connection uses the same grant. */
export type RevocationReceipt = "revoked" | "pending" | "unsupported" | "failed" | "kept_shared"

/** `DELETE integrations/{type}` */
export interface DisconnectAnswer {
  readonly status: "disconnected"
  readonly integration_type: string
  /** `unsupported` too when there was nothing to revoke. */
  readonly revoked: RevocationReceipt
}

/** `DELETE integrations/{type}/remove` */
export interface RemoveAnswer {
  readonly status: "removed"
  readonly integration_type: string
  /** `unsupported` too when there was nothing to revoke. */
  readonly revoked: RevocationReceipt
}

export interface RedirectUri {
  readonly integration_type: string
  /** To be registered at the provider, character for character. */
  readonly redirect_uri: string
  /** Whose OAuth client a new consent uses: the workspace's own, the operator's, or the sandbox's. */
  readonly credential_source: "byo" | "operator" | "sandbox"
}

/** `GET /api/apps/{app}/oauth-redirect-uris`: types without an OAuth client are left out. */
export interface RedirectUrisAnswer {
  readonly redirect_uris: readonly RedirectUri[]
}

/** One step of a check; `unsupported`: the service has no such thing, `skipped`: an earlier step failed. */
export interface CheckStep {
  readonly step: "api_call" | "refresh" | "api_call_after_refresh"
  readonly outcome: "ok" | "failed" | "unsupported" | "skipped"
  /** What the provider said, scrubbed; null where there is nothing to add. */
  readonly detail: string | null
}

/** `POST integrations/{type}/check`: never holds a token. */
export interface CheckAnswer {
  readonly integration_type: string
  /** No step failed. */
  readonly ok: boolean
  readonly steps: readonly CheckStep[]
}

/** `GET /api/apps/{app}/payments/stripe/status`: payments are no part of the product. */
export interface StripeStatusAnswer {
  readonly stripe_mode: null
}
