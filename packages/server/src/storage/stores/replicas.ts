/** The processes that share the database: each says every few seconds that it lives. */
export interface ReplicaStore {
  /**
   * Notes by the database's clock that this replica lives, and forgets those that have not been heard of for long.
   *
   * @param liveForMs how long a replica counts after its last beat
   * @returns how many live, this one included
   */
  beat(id: string, liveForMs: number): Promise<number>
  /** It stops: the others need not wait until it is missed. */
  leave(id: string): Promise<void>
}
