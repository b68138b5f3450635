export interface ConfigProblem {
  /** The environment variable, or the flag that overrides it. */
  readonly variable: string
  /** One line that names the variable, what it holds (secrets masked) and what it must hold. */
  readonly line: string
}

/** The configuration cannot be used. The message has one line for each problem. */
export class ConfigError extends Error {
  override readonly name = "ConfigError"
  readonly problems: readonly ConfigProblem[]

  constructor(problems: readonly ConfigProblem[], options?: ErrorOptions) {
    super(problems.map((problem) => problem.line).join("\n"), options)
    this.problems = problems
  }

  /** The first variable that is wrong. */
  get variable(): string {
    return this.problems[0]?.variable ?? ""
  }
}
