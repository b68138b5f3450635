import type { Connection, ConnectionAddress, GrantWrite } from "../stores/connections.ts"
import {
  parseConfig,
  parseNullableScopes,
  parseScopes,
  parseTrouble,
  toJson,
  toNullableJson,
} from "./json-column.ts"
import type { ConnectionRow } from "./schema.ts"

/** Named one by one: a prepared statement must go on working when a newer replica has added a column. */
export const connectionColumns = [
  "id",
  "workspace_id",
  "app_id",
  "owner_kind",
  "owner_id",
  "slot",
  "type",
  "connector_id",
  "credential_source",
  "connected_by",
  "status",
  "requested_scopes_json",
  "granted_scopes_json",
  "account_id",
  "account_label",
  "config_json",
  "sealed_access_token",
  "sealed_refresh_token",
  "issued_at",
  "expires_at",
  "refresh_due_at",
  "generation",
  "version",
  "lease_owner",
  "lease_until",
  "failures",
  "retry_at",
  "last_refresh_error_json",
  "last_refreshed_at",
  "status_changed_at",
  "created_at",
  "updated_at",
] as const satisfies readonly (keyof ConnectionRow)[]

export type ReadConnectionRow = Pick<ConnectionRow, (typeof connectionColumns)[number]>

/** Frozen, because callers of the hot path share one value. */
export function toConnection(row: ReadConnectionRow): Connection {
  return Object.freeze({
    id: row.id,
    workspaceId: row.workspace_id,
    appId: row.app_id,
    ownerKind: row.owner_kind,
    ownerId: row.owner_id,
    slot: row.slot,
    type: row.type,
    connectorId: row.connector_id,
    credentialSource: row.credential_source,
    connectedBy: row.connected_by,
    status: row.status,
    requestedScopes: parseScopes(row.requested_scopes_json),
    grantedScopes: parseNullableScopes(row.granted_scopes_json),
    accountId: row.account_id,
    accountLabel: row.account_label,
    config: parseConfig(row.config_json),
    sealedAccessToken: row.sealed_access_token,
    sealedRefreshToken: row.sealed_refresh_token,
    issuedAt: row.issued_at,
    expiresAt: row.expires_at,
    refreshDueAt: row.refresh_due_at,
    generation: row.generation,
    version: row.version,
    leaseOwner: row.lease_owner,
    leaseUntil: row.lease_until,
    failures: row.failures,
    retryAt: row.retry_at,
    lastRefreshError: parseTrouble(row.last_refresh_error_json),
    lastRefreshedAt: row.last_refreshed_at,
    statusChangedAt: row.status_changed_at,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  })
}

export function addressColumns(address: ConnectionAddress) {
  return {
    workspace_id: address.workspaceId,
    app_id: address.appId,
    owner_kind: address.ownerKind,
    owner_id: address.ownerId,
    slot: address.slot,
  }
}

/** What a new grant sets, whether its row is new or not. */
export function grantColumns(grant: GrantWrite) {
  return {
    type: grant.type,
    connector_id: grant.connectorId,
    credential_source: grant.credentialSource,
    connected_by: grant.connectedBy,
    status: "active",
    requested_scopes_json: toJson(grant.requestedScopes),
    granted_scopes_json: toNullableJson(grant.grantedScopes),
    account_id: grant.accountId,
    account_label: grant.accountLabel,
    config_json: toJson(grant.config),
    sealed_access_token: grant.sealedAccessToken,
    sealed_refresh_token: grant.sealedRefreshToken,
    issued_at: grant.issuedAt,
    expires_at: grant.expiresAt,
    refresh_due_at: grant.refreshDueAt,
    refresh_ahead_at: grant.refreshAheadAt,
    generation: grant.generation,
    lease_owner: null,
    lease_until: null,
    failures: 0,
    retry_at: null,
    last_refresh_error_json: null,
    last_refreshed_at: null,
    status_changed_at: grant.now,
    updated_at: grant.now,
  } satisfies Partial<ConnectionRow>
}
