/** Outboxes: what waits in them, and since when the oldest has been due. */

export interface Backlog {
  /** A revocation that no replica has tried although its time has come; null: there is none. */
  readonly revocationDueAt: number | null
  /** A delivery to an endpoint that is not failing; null: there is none. */
  readonly webhookDueAt: number | null
  readonly revocationsPending: number
  readonly webhooksPending: number
}

export interface BacklogStore {
  /** @param countUpTo beyond it, nobody needs the exact number */
  read(now: number, countUpTo: number): Promise<Backlog>
}
