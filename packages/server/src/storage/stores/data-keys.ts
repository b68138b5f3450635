/** What a workspace's secrets are sealed with. */

/** A workspace's data key, wrapped by the master key `masterKeyId`. */
export interface DataKey {
  readonly id: string
  readonly workspaceId: string
  readonly masterKeyId: string
  readonly wrapped: Uint8Array
  readonly createdAt: number
}

export interface DataKeyStore {
  insert(key: DataKey): Promise<void>
  find(workspaceId: string, id: string): Promise<DataKey | undefined>
  /** The newest: new seals use it. */
  findCurrent(workspaceId: string): Promise<DataKey | undefined>
  /** Keys of any workspace that this master key does not wrap: what a rotation still has to do. */
  listWrappedByOthers(masterKeyId: string, limit: number): Promise<readonly DataKey[]>
  /** Replaces the wrapping; false when the key is gone or another master key has wrapped it meanwhile. */
  rewrap(key: DataKey, next: { readonly masterKeyId: string; readonly wrapped: Uint8Array }): Promise<boolean>
}
