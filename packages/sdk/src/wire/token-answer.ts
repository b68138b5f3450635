import type { Account } from "./account.ts"

/**
 * `GET /api/apps/{app}/external-auth/tokens/{type}` and `…/tokens/connectors/{connectorId}`.
 * Always sent with `Cache-Control: no-store`.
 */
export interface TokenAnswer {
  readonly access_token: string
  readonly integration_type: string
  /** Values that belong to the connection, e.g. a subdomain; null where the service has none. */
  readonly connection_config: Readonly<Record<string, string>> | null
  /** ISO 8601, UTC; null when the provider names no time. */
  readonly expires_at: string | null
  /** Granted scopes. */
  readonly scopes: readonly string[]
  /** Scopes that were asked for and not granted. */
  readonly missing_scopes: readonly string[]
  /** null while the provider has not named the account. */
  readonly account: Account | null
}
