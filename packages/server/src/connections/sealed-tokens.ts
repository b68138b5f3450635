/** Under which record a connection's tokens are sealed: a value moved to another row, owner or generation does not open. */
import type { Connection, ConnectionAddress } from "../storage/stores/connections.ts"
import type { SealContext, Vault } from "../vault/vault.ts"

export type TokenRecord = ConnectionAddress & Pick<Connection, "id" | "type" | "generation">
export type TokenField = "access_token" | "refresh_token"

export function tokenContext(record: TokenRecord, field: TokenField): SealContext {
  return {
    workspaceId: record.workspaceId,
    record: "connection",
    recordId: record.id,
    field,
    bound: [
      record.appId,
      record.ownerKind,
      record.ownerId,
      record.slot,
      record.type,
      String(record.generation),
    ],
  }
}

export function sealToken(
  vault: Vault,
  record: TokenRecord,
  field: TokenField,
  token: string,
): Promise<Uint8Array> {
  return vault.seal(tokenContext(record, field), token)
}

/** @throws CredentialUnreadable */
export function openToken(
  vault: Vault,
  record: TokenRecord,
  field: TokenField,
  sealed: Uint8Array,
): Promise<string> {
  return vault.open(tokenContext(record, field), sealed)
}

/** Every seal differs, so that equal bytes are the same token of the same write. */
export function isSameSeal(one: Uint8Array | null, other: Uint8Array | null): boolean {
  return one === null || other === null ? one === other : Buffer.compare(one, other) === 0
}
