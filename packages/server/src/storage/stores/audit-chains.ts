/** What makes the audit events of a workspace a chain: each is authenticated together with the one before it. */

export interface ChainLink {
  /** Counts from 1, without gaps. */
  readonly sequence: number
  readonly mac: Uint8Array
}

export interface AuditChain {
  readonly workspaceId: string
  readonly sealedKey: Uint8Array
  /** What the record begins after: the start of the chain, or the last event that retention removed. */
  readonly base: ChainLink
  /** The newest event. */
  readonly head: ChainLink
  /** How many events were on record before the chain began: they have no place in it. */
  readonly unchained: number
  /** From this event on the chain goes on although its record had been altered; null: it never was. */
  readonly brokenAt: number | null
  /** Over all of the above but the key. */
  readonly mac: Uint8Array
}

export interface AuditChainStore {
  /** Leaves a chain that is there as it is. */
  begin(chain: AuditChain): Promise<void>
  find(workspaceId: string): Promise<AuditChain | undefined>
  /** Nobody else moves these until the transaction ends. Always in the same order, so that no two wait for each other. */
  lock(workspaceIds: readonly string[]): Promise<readonly AuditChain[]>
  save(chains: readonly AuditChain[]): Promise<void>
  /** All workspaces, by id. */
  listWorkspaces(after: string, limit: number): Promise<readonly string[]>
  /** Workspaces whose oldest event ended before this time, by id. */
  listDue(before: number, after: string, limit: number): Promise<readonly string[]>
}
