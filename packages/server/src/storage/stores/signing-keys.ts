/** The keys of the tokens that Grantry itself gives out. */

/** A workspace's key for the tokens that Grantry itself gives out. */
export interface SigningKey {
  /** `kid` of what it signed. */
  readonly id: string
  readonly workspaceId: string
  readonly publicJwkJson: string
  readonly sealedPrivateJwk: Uint8Array
  readonly createdAt: number
}

export interface SigningKeyStore {
  insert(key: SigningKey): Promise<void>
  find(workspaceId: string, id: string): Promise<SigningKey | undefined>
  /** The newest: new tokens are signed with it. */
  findCurrent(workspaceId: string): Promise<SigningKey | undefined>
  /** Forgets the workspace's keys that were made before this, but never the newest. */
  removeOlder(workspaceId: string, createdBefore: number): Promise<void>
}
