/** Operator-wide OAuth clients: `GRANTRY_<TYPE>_CLIENT_ID` and `…_CLIENT_SECRET`, for a connector type or a family. */
import { nearestNames } from "@grantry/catalog"
import type { Environment, Settings } from "./settings.ts"

export interface ClientCredentials {
  readonly clientId: string
  readonly clientSecret: string
}

export interface OperatorClients {
  readonly byType: Readonly<Record<string, ClientCredentials>>
  readonly byFamily: Readonly<Record<string, ClientCredentials>>
}

/** The names that variables may use. */
export interface KnownNames {
  readonly types: readonly string[]
  readonly families: readonly string[]
}

/** `GRANTRY_OIDC_CLIENT_ID` is that of the members' sign-in: openid.ts. */
const variablePattern = /^GRANTRY_(?!OIDC_)(.+)_CLIENT_(?:ID|SECRET)$/

export function readOperatorClients(
  env: Environment,
  known: KnownNames,
  settings: Settings,
): OperatorClients {
  const byType: Record<string, ClientCredentials> = {}
  const byFamily: Record<string, ClientCredentials> = {}
  for (const name of namesIn(env)) {
    const credentials = readPair(env, name, settings)
    const types = known.types.filter((type) => variableName(type) === name)
    const families = known.families.filter((family) => variableName(family) === name)
    if (types.length + families.length === 0) noteUnknown(env, name, known, settings)
    if (!credentials) continue
    // A name can be both: the family's OAuth client serves the type of that name too.
    for (const type of types) byType[type] = credentials
    for (const family of families) byFamily[family] = credentials
  }
  return { byType: Object.freeze(byType), byFamily: Object.freeze(byFamily) }
}

/** Empty variables count as not set. */
function namesIn(env: Environment): readonly string[] {
  const names = Object.keys(env).flatMap((variable) => {
    const name = variablePattern.exec(variable)?.[1]
    return name !== undefined && valueOf(env, variable) !== undefined ? [name] : []
  })
  return [...new Set(names)].toSorted()
}

function readPair(env: Environment, name: string, settings: Settings): ClientCredentials | undefined {
  const [idVariable, secretVariable] = [`GRANTRY_${name}_CLIENT_ID`, `GRANTRY_${name}_CLIENT_SECRET`]
  const clientId = valueOf(env, idVariable)
  const clientSecret = valueOf(env, secretVariable)
  if (clientId !== undefined && clientSecret !== undefined) return Object.freeze({ clientId, clientSecret })
  const [absent, present] =
    clientId === undefined ? [idVariable, secretVariable] : [secretVariable, idVariable]
  settings.note(absent, `is not set, but it must be, because ${present} is: an OAuth client needs both`)
  return undefined
}

function noteUnknown(
  env: Environment,
  name: string,
  { types, families }: KnownNames,
  settings: Settings,
): void {
  const idVariable = `GRANTRY_${name}_CLIENT_ID`
  const variable = valueOf(env, idVariable) === undefined ? `GRANTRY_${name}_CLIENT_SECRET` : idVariable
  const names = [...types, ...families].map((known) => ({ name: variableName(known), alsoKnownAs: known }))
  const [nearest] = nearestNames(name, names, 1)
  const hint = nearest === undefined ? "" : `; did you mean ${variable.replace(name, () => nearest)}?`
  settings.note(
    variable,
    `names "${name}", but it must name a connector type or family of the catalogue${hint}`,
  )
}

function variableName(name: string): string {
  return name.toUpperCase().replace(/[^A-Z0-9]/g, "_")
}

function valueOf(env: Environment, variable: string): string | undefined {
  const value = env[variable]?.trim()
  return value === "" ? undefined : value
}
