/** Exit codes: 0 done, 1 failed, 2 the command was not understood. */
export type ExitCode = 0 | 1 | 2

export interface CliErrorDetails {
  /** Stable, for `--json`. */
  readonly code: string
  /** What to do next; one line each. */
  readonly hints?: readonly string[]
  readonly exitCode?: 1 | 2
  /** Further keys of the error's JSON. */
  readonly data?: Readonly<Record<string, unknown>>
}

/** Something that a person has to mend; shown without a stack. */
export class CliError extends Error {
  override readonly name = "CliError"
  readonly code: string
  readonly hints: readonly string[]
  readonly exitCode: 1 | 2
  readonly data: Readonly<Record<string, unknown>>

  constructor(message: string, details: CliErrorDetails) {
    super(message)
    this.code = details.code
    this.hints = details.hints ?? []
    this.exitCode = details.exitCode ?? 1
    this.data = details.data ?? {}
  }
}

export function usageError(message: string, ...hints: readonly string[]): CliError {
  return new CliError(message, { code: "USAGE", hints, exitCode: 2 })
}
