/** App users' connectors: `/api/apps/{app}/app-user-auth/…`. */
import type { Account } from "./account.ts"
import type { RevocationReceipt } from "./integrations.ts"
import type { Page } from "./list.ts"

/** Trouble at a provider is not a status: such a connection stays `connected`. */
export type AppUserConnectionStatus = "connected" | "reconnect_required" | "not_connected"

/** `POST connectors/{connectorId}/initiate`; the body may be absent. */
export interface AppUserInitiateRequest {
  /** Page to come back to; its origin must be registered for the app. */
  readonly return_to?: string
  /** Values that the service needs before consent; the connect page asks for what is missing. */
  readonly connection_config?: Readonly<Record<string, string>>
  /** The account that the provider should offer first, usually an e-mail address. */
  readonly login_hint?: string
}

/** Answer of `POST connectors/{connectorId}/initiate` */
export interface InitiateAnswer {
  /** Our connect page, to be opened in the app user's browser. */
  readonly redirect_url: string
  /** Stays the same when the user connects again. */
  readonly connection_id: string
  readonly already_authorized: false
}

/** `POST complete`: ends an attempt of an app whose `connect_completion` is `verified`. */
export interface CompleteRequest {
  /** `connect_handle` of the final page's message or of the query that it returned with; good once. */
  readonly handle: string
  /** The answer to `ACCOUNT_CHANGED`: whether the new account takes the old one's place. */
  readonly replace?: boolean
}

/** Answer of `POST complete` */
export interface CompleteAnswer {
  /** `kept`: the account that was connected before stays, as asked. */
  readonly status: "connected" | "kept"
  readonly connector_id: string
  readonly connection_id: string
}

/** How an attempt ended: the query with which the final page returns to the app. */
export interface ConnectOutcome {
  /** Connector ID. */
  readonly connector: string
  readonly connection_id: string
  readonly status: "connected" | "error"
  /** Why nothing was connected, e.g. `access_denied`; null or absent when it was. */
  readonly error?: string | null
  /** Asks for `POST complete`; null or absent when nothing is left to do. */
  readonly connect_handle?: string | null
}

/** What the final page posts to the page that opened it, and to its origin only. */
export interface ConnectMessage extends ConnectOutcome {
  readonly source: "grantry"
  readonly type: "connect"
}

/** Answer of `GET connectors/{connectorId}/status`: never a token. */
export interface AppUserStatusAnswer {
  readonly status: AppUserConnectionStatus
  /** null while nobody is connected, or the provider has not named the account. */
  readonly account: Account | null
  /** Granted scopes. */
  readonly scopes: readonly string[]
  /** Scopes that the connector asks for and that were not granted. */
  readonly missing_scopes: readonly string[]
}

/** `DELETE connectors/{connectorId}` */
export interface AppUserDisconnectAnswer {
  readonly status: "disconnected"
  readonly connector_id: string
  readonly revoked: RevocationReceipt
}

export interface AppUserConnection extends AppUserStatusAnswer {
  readonly connector_id: string
  readonly connection_id: string
  readonly integration_type: string
  readonly display_name: string
  /** ISO 8601, UTC: when the user first connected there. */
  readonly connected_at: string
}

/** `GET connections`: the signed-in user's. */
export interface AppUserConnectionListAnswer extends Page {
  readonly connections: readonly AppUserConnection[]
}

/** A user who has, or had, an account at one connector. */
export interface ConnectorUser {
  readonly user_id: string
  readonly status: AppUserConnectionStatus
  readonly account: Account | null
  readonly missing_scopes: readonly string[]
}

/** `GET connectors/{connectorId}/users`, service credential */
export interface ConnectorUserListAnswer extends Page {
  readonly users: readonly ConnectorUser[]
}
