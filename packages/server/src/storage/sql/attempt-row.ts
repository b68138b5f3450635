import type { Attempt } from "../stores/attempts.ts"
import { addressColumns } from "./connection-row.ts"
import { parseConfig, parseScopes, toJson } from "./json-column.ts"
import type { AttemptRow } from "./schema.ts"

export function toAttempt(row: AttemptRow): Attempt {
  return {
    id: row.id,
    workspaceId: row.workspace_id,
    appId: row.app_id,
    ownerKind: row.owner_kind,
    ownerId: row.owner_id,
    slot: row.slot,
    type: row.type,
    connectorId: row.connector_id,
    credentialSource: row.credential_source,
    connectionId: row.connection_id,
    startedBy: row.started_by,
    askedBy: row.asked_by,
    forceReconnect: row.force_reconnect === 1,
    requestedScopes: parseScopes(row.requested_scopes_json),
    config: parseConfig(row.config_json),
    loginHint: row.login_hint,
    status: row.status,
    errorCode: row.error_code,
    errorMessage: row.error_message,
    browserHash: row.browser_hash,
    stateHash: row.state_hash,
    sealedVerifier: row.sealed_verifier,
    sealedReturnTo: row.sealed_return_to,
    sealedCallback: row.sealed_callback,
    handleHash: row.handle_hash,
    sealedGrant: row.sealed_grant,
    createdAt: row.created_at,
    expiresAt: row.expires_at,
  }
}

export function toAttemptRow(attempt: Attempt): AttemptRow {
  return {
    ...addressColumns(attempt),
    id: attempt.id,
    type: attempt.type,
    connector_id: attempt.connectorId,
    credential_source: attempt.credentialSource,
    connection_id: attempt.connectionId,
    started_by: attempt.startedBy,
    asked_by: attempt.askedBy,
    force_reconnect: attempt.forceReconnect ? 1 : 0,
    requested_scopes_json: toJson(attempt.requestedScopes),
    config_json: toJson(attempt.config),
    login_hint: attempt.loginHint,
    status: attempt.status,
    error_code: attempt.errorCode,
    error_message: attempt.errorMessage,
    browser_hash: attempt.browserHash,
    state_hash: attempt.stateHash,
    sealed_verifier: attempt.sealedVerifier,
    sealed_return_to: attempt.sealedReturnTo,
    sealed_callback: attempt.sealedCallback,
    handle_hash: attempt.handleHash,
    sealed_grant: attempt.sealedGrant,
    created_at: attempt.createdAt,
    expires_at: attempt.expiresAt,
  }
}
