/** An OAuth client at a provider, ready for use: whose it is, its secret opened, and where its provider is reached. */
import type { ConnectorDefinition } from "@grantry/catalog"
import type { CredentialSource } from "../storage/stores/connectors.ts"

export interface OAuthClient {
  readonly definition: ConnectorDefinition
  readonly source: CredentialSource
  /** The connector that registered it; null for the operator's clients and the sandbox's. */
  readonly connectorId: string | null
  readonly clientId: string
  readonly clientSecret: string
  /**
   * Config values that belong to the client rather than to a connection: the hosts of self-hosted providers. They are
   * laid over a connection's values, so that nobody who connects an account can lead the secret elsewhere.
   */
  readonly ownConfig: Readonly<Record<string, string>>
  /** Last part of the redirect URI: one per connector, so that a code can only come from the provider it names. */
  readonly context: string
}

/**
 * Where a provider's URL is really reached: providers themselves, or the sandbox in their place. `front` is for the
 * person's browser, `back` for this server's own calls.
 */
export type ProviderAddress = (client: OAuthClient, url: URL, channel: "front" | "back") => URL
