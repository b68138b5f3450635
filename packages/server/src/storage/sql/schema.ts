/**
 * The tables as they are stored. Columns named `*_json` hold JSON text; times are integer milliseconds; there are no
 * booleans, because SQLite has none. Both databases have exactly these columns.
 */
import type { Kysely } from "kysely"
import type { DeviceCodeStatus, DeviceToken } from "../stores/members.ts"
import type { Role } from "../stores/accounts.ts"
import type { ConnectCompletion } from "../stores/apps.ts"
import type { AttemptStatus } from "../stores/attempts.ts"
import type { ConnectionStatus, OwnerKind } from "../stores/connections.ts"
import type { CredentialSource } from "../stores/connectors.ts"
import type { RevocationOutcome } from "../stores/revocations.ts"
import type { DeliveryOutcome, EndpointStatus, WebhookDelivery } from "../stores/webhooks.ts"

export interface MetaRow {
  readonly key: string
  readonly value: string
}

export interface WorkspaceRow {
  readonly id: string
  readonly name: string
  readonly plan: string
  readonly personal_of: string | null
  readonly created_at: number
}

export interface MemberRow {
  readonly id: string
  readonly email: string
  /** The address in lower case: what makes it unique and finds it. */
  readonly email_key: string
  readonly name: string
  readonly created_at: number
}

export interface MembershipRow {
  readonly workspace_id: string
  readonly member_id: string
  readonly role: Role
}

export interface AppRow {
  readonly id: string
  readonly workspace_id: string
  readonly name: string
  readonly created_by: string
  readonly created_at: number
  readonly functions_upstream: string | null
  /** 1 or 0. */
  readonly backend_functions_enabled: number
  readonly connect_completion: ConnectCompletion
}

export interface AllowedOriginRow {
  readonly workspace_id: string
  readonly app_id: string
  readonly origin: string
}

export interface IdentityIssuerRow {
  readonly id: string
  readonly workspace_id: string
  readonly app_id: string
  readonly issuer: string
  readonly audience: string
  readonly jwks_url: string | null
  readonly jwks_json: string | null
  readonly created_at: number
}

export interface SigningKeyRow {
  readonly id: string
  readonly workspace_id: string
  readonly public_jwk_json: string
  readonly sealed_private_jwk: Uint8Array
  readonly created_at: number
}

interface KeyRow {
  readonly id: string
  readonly workspace_id: string
  readonly name: string
  readonly prefix: string
  readonly hash: Uint8Array
  readonly created_at: number
  readonly last_used_at: number | null
}

export interface ApiKeyRow extends KeyRow {
  readonly member_id: string
}

export interface ServiceKeyRow extends KeyRow {
  readonly app_id: string
}

export interface DataKeyRow {
  readonly id: string
  readonly workspace_id: string
  readonly master_key_id: string
  readonly wrapped: Uint8Array
  readonly created_at: number
  readonly epoch: number
  readonly seals_reserved: number
}

export interface ConnectorRow {
  readonly id: string
  readonly workspace_id: string
  readonly type: string
  readonly name: string
  readonly credential_source: CredentialSource
  readonly client_id: string | null
  readonly sealed_client_secret: Uint8Array | null
  readonly scopes_json: string
  readonly config_json: string
  readonly client_problem: string | null
  readonly version: number
  readonly created_at: number
  readonly updated_at: number
}

interface AddressColumns {
  readonly workspace_id: string
  readonly app_id: string
  readonly owner_kind: OwnerKind
  readonly owner_id: string
  readonly slot: string
}

export interface ConnectionRow extends AddressColumns {
  readonly id: string
  readonly type: string
  readonly connector_id: string | null
  readonly credential_source: CredentialSource
  readonly connected_by: string | null
  readonly status: ConnectionStatus
  readonly requested_scopes_json: string
  readonly granted_scopes_json: string | null
  readonly account_id: string | null
  readonly account_label: string | null
  readonly config_json: string
  readonly sealed_access_token: Uint8Array | null
  readonly sealed_refresh_token: Uint8Array | null
  readonly issued_at: number | null
  readonly expires_at: number | null
  readonly refresh_due_at: number | null
  readonly refresh_ahead_at: number | null
  readonly generation: number
  readonly version: number
  readonly lease_owner: string | null
  readonly lease_until: number | null
  readonly failures: number
  readonly retry_at: number | null
  readonly last_refresh_error_json: string | null
  readonly last_refreshed_at: number | null
  readonly status_changed_at: number
  readonly created_at: number
  readonly updated_at: number
}

export interface AttemptRow extends AddressColumns {
  readonly id: string
  readonly type: string
  readonly connector_id: string | null
  readonly credential_source: CredentialSource
  readonly connection_id: string
  readonly started_by: string | null
  readonly asked_by: string | null
  /** 0 or 1 */
  readonly force_reconnect: number
  readonly requested_scopes_json: string
  readonly config_json: string
  readonly login_hint: string | null
  readonly status: AttemptStatus
  readonly error_code: string | null
  readonly error_message: string | null
  readonly browser_hash: string | null
  readonly state_hash: string | null
  readonly sealed_verifier: Uint8Array | null
  readonly sealed_return_to: Uint8Array | null
  readonly sealed_callback: Uint8Array | null
  readonly handle_hash: string | null
  readonly sealed_grant: Uint8Array | null
  readonly created_at: number
  readonly expires_at: number
}

export interface RevocationRow {
  readonly id: string
  readonly workspace_id: string
  readonly app_id: string
  readonly connection_id: string
  readonly type: string
  readonly connector_id: string | null
  readonly credential_source: CredentialSource
  readonly config_json: string
  readonly sealed_tokens: Uint8Array | null
  readonly outcome: RevocationOutcome
  readonly tries: number
  readonly next_try_at: number
  readonly detail: string | null
  readonly created_at: number
}

export interface AuditEventRow {
  readonly id: string
  readonly workspace_id: string
  readonly app_id: string | null
  readonly actor: string
  readonly action: string
  readonly target: string | null
  readonly outcome: string
  readonly count: number
  readonly at: number
  readonly until: number
  readonly address: string | null
  readonly request_id: string | null
  /** Its place in the chain; null in events that are older than it. */
  readonly seq: number | null
  readonly mac: Uint8Array | null
}

export interface AuditChainRow {
  readonly workspace_id: string
  readonly sealed_key: Uint8Array
  readonly base_seq: number
  readonly base_mac: Uint8Array
  readonly head_seq: number
  readonly head_mac: Uint8Array
  readonly unchained: number
  readonly broken_at: number | null
  readonly mac: Uint8Array
}

export interface SessionRow {
  readonly id: string
  readonly member_id: string
  readonly token_hash: string
  readonly address: string | null
  readonly user_agent: string | null
  readonly expires_at: number
  readonly created_at: number
  readonly updated_at: number
}

export interface SignInMethodRow {
  readonly id: string
  readonly member_id: string
  readonly provider_id: string
  readonly account_id: string
  readonly password_hash: string | null
  readonly created_at: number
  readonly updated_at: number
}

export interface InvitationRow {
  readonly id: string
  readonly workspace_id: string
  readonly email: string
  readonly email_key: string
  readonly role: Role
  readonly secret_hash: string
  readonly invited_by: string
  readonly created_at: number
  readonly expires_at: number
}

export interface DeviceCodeRow {
  readonly id: string
  readonly device_hash: Uint8Array
  readonly user_hash: Uint8Array
  readonly client_id: string
  readonly scope: string
  readonly status: DeviceCodeStatus
  readonly member_id: string | null
  readonly address: string | null
  readonly created_at: number
  readonly expires_at: number
  readonly polled_at: number | null
}

export interface DeviceLoginRow {
  readonly id: string
  readonly member_id: string
  readonly client_id: string
  readonly scope: string
  readonly created_at: number
}

export interface DeviceTokenRow {
  readonly hash: Uint8Array
  readonly login_id: string
  readonly kind: DeviceToken["kind"]
  readonly expires_at: number
  readonly used_at: number | null
}

export interface GuessCountRow {
  readonly key: string
  readonly count: number
  readonly ends_at: number
}

export interface WebhookEndpointRow {
  readonly id: string
  readonly workspace_id: string
  readonly app_id: string | null
  readonly url: string
  readonly events_json: string
  readonly status: EndpointStatus
  readonly disabled_reason: string | null
  readonly sealed_secrets: Uint8Array
  readonly failing_since: number | null
  readonly failures: number
  readonly rest_until: number | null
  readonly version: number
  readonly created_at: number
}

export interface WebhookDeliveryRow {
  readonly id: string
  readonly workspace_id: string
  readonly endpoint_id: string
  readonly event_type: WebhookDelivery["eventType"]
  readonly payload: string
  readonly outcome: DeliveryOutcome
  readonly tries: number
  readonly next_try_at: number
  readonly last_status: number | null
  readonly last_error: string | null
  readonly created_at: number
  readonly settled_at: number | null
}

export interface ReplicaRow {
  readonly id: string
  readonly seen_at: number
}

export interface MigrationRow {
  readonly name: string
  readonly applied_at: number
}

export interface Tables {
  readonly meta: MetaRow
  readonly workspaces: WorkspaceRow
  readonly members: MemberRow
  readonly memberships: MembershipRow
  readonly apps: AppRow
  readonly allowed_origins: AllowedOriginRow
  readonly identity_issuers: IdentityIssuerRow
  readonly signing_keys: SigningKeyRow
  readonly api_keys: ApiKeyRow
  readonly service_keys: ServiceKeyRow
  readonly data_keys: DataKeyRow
  readonly connectors: ConnectorRow
  readonly connections: ConnectionRow
  readonly attempts: AttemptRow
  readonly revocations: RevocationRow
  readonly audit_events: AuditEventRow
  readonly audit_chains: AuditChainRow
  readonly sessions: SessionRow
  readonly sign_in_methods: SignInMethodRow
  readonly invitations: InvitationRow
  readonly device_codes: DeviceCodeRow
  readonly device_logins: DeviceLoginRow
  readonly device_tokens: DeviceTokenRow
  readonly guess_counts: GuessCountRow
  readonly webhook_endpoints: WebhookEndpointRow
  readonly webhook_deliveries: WebhookDeliveryRow
  readonly replicas: ReplicaRow
  readonly migrations: MigrationRow
}

/** A database, or a transaction in it. */
export type Db = Kysely<Tables>
