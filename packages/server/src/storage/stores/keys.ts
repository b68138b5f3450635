/** API keys of members and service keys of apps. */
import type { Role } from "./accounts.ts"

/** A key is stored as the SHA-256 of its secret; `prefix` is the part that may be shown. */
export interface ApiKey {
  readonly id: string
  readonly workspaceId: string
  readonly memberId: string
  readonly name: string
  readonly prefix: string
  readonly createdAt: number
  readonly lastUsedAt: number | null
}

export interface ServiceKey {
  readonly id: string
  readonly workspaceId: string
  readonly appId: string
  readonly name: string
  readonly prefix: string
  readonly createdAt: number
  readonly lastUsedAt: number | null
}

export interface KeyStore {
  insertApiKey(key: ApiKey, hash: Uint8Array): Promise<void>
  findApiKeyByHash(hash: Uint8Array): Promise<(ApiKey & { readonly role: Role }) | undefined>
  listApiKeys(workspaceId: string): Promise<readonly ApiKey[]>
  deleteApiKey(workspaceId: string, id: string): Promise<boolean>
  insertServiceKey(key: ServiceKey, hash: Uint8Array): Promise<void>
  findServiceKeyByHash(hash: Uint8Array): Promise<ServiceKey | undefined>
  listServiceKeys(workspaceId: string, appId: string): Promise<readonly ServiceKey[]>
  deleteServiceKey(workspaceId: string, appId: string, id: string): Promise<boolean>
  /** Batched; ids of either kind. */
  touch(uses: readonly { readonly id: string; readonly at: number }[]): Promise<void>
}
