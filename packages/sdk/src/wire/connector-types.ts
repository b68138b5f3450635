import type { AvailableIntegration } from "./integrations.ts"
import type { Page } from "./list.ts"

/** All that a server tells of one connector type. */
export interface ConnectorTypeInfo extends AvailableIntegration {
  /** e.g. `communication`, `files`; `other` where an operator's own type says none. */
  readonly category: string
  /** Types of one family share an OAuth client; null for one that stands alone. */
  readonly family: string | null
  readonly scopes: readonly { readonly scope: string; readonly meaning: string }[]
  /** Asked for when a connector names none. */
  readonly default_scopes: readonly string[]
  /** Asked for besides those that a connector names. */
  readonly always_scopes: readonly string[]
  readonly api_base_urls: readonly string[]
  /** false: the person consents again when the token has expired. */
  readonly refreshable: boolean
  /** false: the provider cannot be told to forget a token. */
  readonly revocable: boolean
  readonly setup: {
    /** Where an OAuth client is registered. */
    readonly register_url: string
    readonly documentation_url: string
    readonly pitfalls: readonly string[]
  }
}

/** `GET /api/external-auth/connector-types` */
export interface ConnectorTypeListAnswer extends Page {
  readonly connector_types: readonly ConnectorTypeInfo[]
}
