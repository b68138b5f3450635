/** What a workspace's secrets are sealed with. */

/** A workspace's data key, wrapped by the master key `masterKeyId`. */
export interface DataKey {
  readonly id: string
  readonly workspaceId: string
  /** 1 for a workspace's first key. */
  readonly epoch: number
  readonly masterKeyId: string
  readonly wrapped: Uint8Array
  readonly createdAt: number
}

/** How far all data keys are used. */
export interface DataKeyUse {
  readonly workspaces: number
  readonly keys: number
  /** Of the newest key of each workspace, the one that has most. */
  readonly mostSealsReserved: number
}

export interface DataKeyStore {
  /**
   * @param sealsReserved what the caller may seal with it at once
   * @returns false, changing nothing, when the workspace has a key of that epoch
   */
  insert(key: DataKey, sealsReserved: number): Promise<boolean>
  find(workspaceId: string, id: string): Promise<DataKey | undefined>
  /** The newest: new seals use it. */
  findCurrent(workspaceId: string): Promise<DataKey | undefined>
  /** The caller alone may seal `count` times; false, changing nothing, when that would be more than `budget` in all. */
  reserveSeals(
    key: Pick<DataKey, "workspaceId" | "id">,
    seals: { readonly count: number; readonly budget: number },
  ): Promise<boolean>
  /** Newest keys of any workspace that were made before a time. */
  listCurrentBefore(createdBefore: number, limit: number): Promise<readonly DataKey[]>
  /** Keys of any workspace that this master key does not wrap: what a rotation still has to do. */
  listWrappedByOthers(masterKeyId: string, limit: number): Promise<readonly DataKey[]>
  countWrappedByOthers(masterKeyId: string): Promise<number>
  /** Replaces the wrapping; false when the key is gone or another master key has wrapped it meanwhile. */
  rewrap(key: DataKey, next: { readonly masterKeyId: string; readonly wrapped: Uint8Array }): Promise<boolean>
  use(): Promise<DataKeyUse>
}
