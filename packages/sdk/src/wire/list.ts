/** In the query string of lists. */
export interface ListQuery {
  /** Items per page, 1–200; 50 when absent. */
  readonly limit?: number
  /** `next_cursor` of the page before. */
  readonly cursor?: string
}

/** A page of a list; the items are under a key of their own. */
export interface Page {
  /** null on the last page. */
  readonly next_cursor: string | null
}
