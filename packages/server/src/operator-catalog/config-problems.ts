/** Whether the values that a person is asked for are closed in: patterns that compile and take the whole value. */
import { checkConfigValues, type ConfigField, type ConnectorDefinition } from "@grantry/catalog"
import type { FileProblem } from "./source-file.ts"

export function configProblems({ config }: ConnectorDefinition): FileProblem[] {
  const names = config.asked.map(({ name }) => name)
  return config.asked.flatMap((field, index) => {
    const at = ["config", "asked", index]
    const pattern = patternProblem(field.pattern)
    const taken =
      names.indexOf(field.name) === index
        ? []
        : [{ at: [...at, "name"], message: `${field.name} is asked for twice` }]
    if (pattern !== null) return [...taken, { at: [...at, "pattern"], message: pattern }]
    return [
      ...taken,
      ...exampleProblems(field).map(([member, message]) => ({ at: [...at, member], message })),
    ]
  })
}

/** Compiled as the server does, and as browsers compile the `pattern` of an input. */
function patternProblem(pattern: string): string | null {
  for (const flag of ["u", "v"]) {
    try {
      new RegExp(pattern, flag)
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error
      return `the pattern does not compile with the flag ${flag}: ${error.message}`
    }
  }
  return isAnchored(pattern)
    ? null
    : "the pattern must be anchored: ^ and $ around the whole of it, and a group around alternatives"
}

/** `^a|b$` begins and ends rightly and takes `evil b` all the same. */
function isAnchored(pattern: string): boolean {
  const bare = pattern
    .replaceAll(/\\[\s\S]/g, "..")
    .replaceAll(/\[[^\]]*\]/g, (set) => ".".repeat(set.length))
  if (!bare.startsWith("^") || !bare.endsWith("$")) return false
  let depth = 0
  for (const sign of bare) {
    if (sign === "(") depth += 1
    if (sign === ")") depth -= 1
    if (sign === "|" && depth === 0) return false
  }
  return true
}

function exampleProblems(field: ConfigField): (readonly [member: string, message: string])[] {
  return (["placeholder", "default"] as const).flatMap((member) => {
    const example = field[member]
    if (example === null || example === "") return []
    const checked = checkConfigValues([field], { [field.name]: example })
    return checked.ok
      ? []
      : [[member, `${JSON.stringify(example)} is no value of its own field: ${checked.message}`]]
  })
}
