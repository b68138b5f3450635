/** One thing that `grantry doctor` looked at. */
export interface Finding {
  readonly check: string
  /** `skipped`: it could not be looked at, or there is nothing to look at. */
  readonly status: "ok" | "warning" | "failed" | "skipped"
  readonly detail: string
  /** What to do about it. */
  readonly fix?: string
}
