import type { Page } from "./list.ts"

/** `byo`: the workspace's own OAuth client; `sandbox`: the built-in provider sandbox. */
export type ConnectorCredentialSource = "byo" | "sandbox"

/** `POST /api/workspace/{ws}/connectors/reservations`: what to register at the provider before the connector is made. */
export interface ConnectorReservation {
  /** The id that it will have. */
  readonly id: string
  readonly redirect_uri: string
  /** For `CreateConnectorRequest`; good for this workspace, and once. */
  readonly reservation: string
  /** ISO 8601, UTC. */
  readonly expires_at: string
}

/** `POST /api/workspace/{ws}/connectors` */
export interface CreateConnectorRequest {
  readonly integration_type: string
  /** Unique in the workspace. */
  readonly name: string
  /** Of the id that it shall have. */
  readonly reservation?: string
  /** Both may be left out while the sandbox is on: the connector then uses it. */
  readonly client_id?: string
  /** Write-only. */
  readonly client_secret?: string
  readonly scopes?: readonly string[]
  readonly connection_config?: Readonly<Record<string, string>> | null
}

/** `PUT /api/workspace/{ws}/connectors/{id}`; what is absent stays. */
export interface UpdateConnectorRequest {
  readonly name?: string
  readonly client_id?: string
  /** Write-only; connections survive its change. */
  readonly client_secret?: string
  readonly scopes?: readonly string[]
  readonly connection_config?: Readonly<Record<string, string>> | null
}

/** An OAuth client registered in a workspace; the client secret is in no answer. */
export interface Connector {
  /** The connector ID of `getWorkspaceConnection`. */
  readonly id: string
  readonly integration_type: string
  readonly name: string
  /** null when the sandbox serves it. */
  readonly client_id: string | null
  readonly scopes: readonly string[]
  readonly connection_config: Readonly<Record<string, string>> | null
  readonly credential_source: ConnectorCredentialSource
  /** To be registered at the provider, character for character. */
  readonly redirect_uri: string
  /** What the provider said when it last rejected this client; null while it accepts it. */
  readonly client_problem: string | null
  /** ISO 8601, UTC. */
  readonly created_at: string
  /** ISO 8601, UTC. */
  readonly updated_at: string
}

/** Answer of `PUT`. */
export interface UpdatedConnector extends Connector {
  /** After a change of scopes: how many connections lack some of them until somebody consents again. */
  readonly reconnect_required?: number
}

/** `GET /api/workspace/{ws}/connectors` */
export interface ConnectorListAnswer extends Page {
  readonly connectors: readonly Connector[]
}
