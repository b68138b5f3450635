/** Whether the files name what the server knows. Pure. */
import { nearestNames } from "@grantry/catalog"
import type { AvailableIntegration, ConnectionConfigField } from "@grantry/sdk/wire"
import type { ConnectorFile, Placed } from "./parse-connector-file.ts"
import type { Problem } from "./problem.ts"
import { positionAt } from "./source-position.ts"

export type KnownType = Pick<
  AvailableIntegration,
  "integration_type" | "display_name" | "connection_config_fields"
>

export function checkAgainstServer(
  files: readonly ConnectorFile[],
  known: readonly KnownType[],
): readonly Problem[] {
  const byType = new Map(known.map((one) => [one.integration_type, one]))
  return files.flatMap((file) => {
    const type = byType.get(file.type.value)
    return type ? configProblems(file, type) : [problem(file, file.type, unknownType(file.type.value, known))]
  })
}

function unknownType(type: string, known: readonly KnownType[]): string {
  const names = known.map((one) => ({ name: one.integration_type, alsoKnownAs: one.display_name }))
  const nearest = nearestNames(type, names, 3)
  return nearest.length > 0
    ? `unknown type "${type}": did you mean ${nearest.map((name) => `"${name}"`).join(", ")}?`
    : `unknown type "${type}": grantry connectors list-available shows all`
}

function configProblems(file: ConnectorFile, type: KnownType): readonly Problem[] {
  return [...file.config].flatMap(([name, placed]) => {
    const field = type.connection_config_fields.find((one) => one.name === name)
    if (!field) return [problem(file, { offset: placed.keyOffset }, unknownValue(name, type))]
    return fits(field, placed.value) ? [] : [problem(file, placed, `${name}: ${field.validation_error}`)]
  })
}

function unknownValue(name: string, { connection_config_fields: known, display_name }: KnownType): string {
  const names = known.map((field) => field.name)
  return names.length > 0
    ? `${display_name} has no value "${name}"; it takes ${names.join(", ")}`
    : `${display_name} takes no connection_config; remove "${name}"`
}

/** The patterns are the server's own catalogue's; one that this runtime cannot read is left to the server. */
function fits({ validation_pattern }: ConnectionConfigField, value: string): boolean {
  try {
    return new RegExp(validation_pattern, "u").test(value)
  } catch {
    return true
  }
}

function problem(
  { file, text }: ConnectorFile,
  { offset }: Pick<Placed<string>, "offset">,
  message: string,
): Problem {
  return { file, ...positionAt(text, offset), message }
}
