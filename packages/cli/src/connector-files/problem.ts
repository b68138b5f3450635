/** What is wrong with a connector file, where, and how to mend it. */
import { CliError } from "../cli-error.ts"
import type { Position } from "./source-position.ts"

export interface Problem extends Position {
  /** As the person would type it. */
  readonly file: string
  readonly message: string
}

export function problemsError(problems: readonly Problem[]): CliError {
  const count = problems.length === 1 ? "One problem" : `${problems.length} problems`
  return new CliError(`${count} in the connector files; nothing was changed.`, {
    code: "INVALID_CONNECTOR_FILES",
    hints: problems.map(({ column, file, line, message }) => `${file}:${line}:${column}: ${message}`),
    data: { problems },
  })
}
