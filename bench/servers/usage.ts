/** What the parent asks and what a measured server answers, over IPC. */
export type Ask = "usage"

export interface Usage {
  /** User and system time of all threads since the start, in microseconds. */
  readonly cpuUs: number
  readonly rssBytes: number
}
