/** What a schema cannot see: whether an entry agrees with itself, with its file's name and with the other entries. */
import { isDeepStrictEqual } from "node:util"
import { type ConnectorDefinition, readSample } from "@grantry/catalog"
import { configProblems } from "./config-problems.ts"
import type { FileProblem } from "./source-file.ts"
import { urlProblems } from "./url-problems.ts"

export interface Surroundings {
  /** The file's name without `.json`. */
  readonly fileName: string
  /** Entries of the product itself. */
  readonly builtIn: readonly ConnectorDefinition[]
}

export function entryProblems(entry: ConnectorDefinition, around: Surroundings): FileProblem[] {
  return [
    ...typeProblems(entry, around),
    ...familyProblems(entry, around),
    ...urlProblems(entry),
    ...configProblems(entry),
    ...scopeProblems(entry),
    ...sampleProblems(entry),
  ]
}

function typeProblems(
  { type, family }: ConnectorDefinition,
  { builtIn, fileName }: Surroundings,
): FileProblem[] {
  const at = ["type"]
  const problems: FileProblem[] = []
  if (type !== fileName)
    problems.push({
      at,
      message: `the type is ${type}, but the file is ${fileName}.json: a file bears the name of its type`,
    })
  if (builtIn.some((other) => other.type === type))
    problems.push({ at, message: `the type ${type} exists already: choose another name` })
  // A family's OAuth client also serves the type of its name.
  if (family !== type && builtIn.some((other) => other.family === type))
    problems.push({ at, message: `${type} is the name of a family of services: choose another name` })
  return problems
}

/** One OAuth client serves a family, so its secret must go nowhere else than to the family's own token endpoint. */
function familyProblems({ family, token }: ConnectorDefinition, { builtIn }: Surroundings): FileProblem[] {
  const relatives = family === null ? [] : builtIn.filter((other) => other.family === family)
  const endpoints = [...new Set(relatives.map((other) => other.token.url))]
  if (relatives.length === 0 || endpoints.includes(token.url)) return []
  const message = `services of the family ${family} have the token endpoint ${endpoints.join(" or ")}, which gets their secret`
  return [{ at: ["family"], message }]
}

function scopeProblems({
  authorize,
  scopeAliases,
  scopeImplies,
  scopes,
}: ConnectorDefinition): FileProblem[] {
  const known = new Set(scopes.map(({ scope }) => scope))
  const unknown = (scope: string, at: FileProblem["at"]): FileProblem[] =>
    known.has(scope) ? [] : [{ at, message: `the scope ${scope} is not in the list of scopes` }]
  if (authorize.scopeParam === null && scopes.length > 0)
    return [{ at: ["scopes"], message: "without authorize.scopeParam there can be no scopes" }]
  return [
    ...authorize.alwaysScopes.flatMap((scope, index) => unknown(scope, ["authorize", "alwaysScopes", index])),
    ...authorize.defaultScopes.flatMap((scope, index) =>
      unknown(scope, ["authorize", "defaultScopes", index]),
    ),
    ...Object.entries(scopeAliases).flatMap(([reported, scope]) =>
      unknown(scope, ["scopeAliases", reported]),
    ),
    ...Object.keys(scopeImplies).flatMap((scope) => unknown(scope, ["scopeImplies", scope])),
    ...scopes.flatMap(({ scope }, index) =>
      scopes.findIndex((other) => other.scope === scope) === index
        ? []
        : [{ at: ["scopes", index, "scope"], message: `the scope ${scope} is listed twice` }],
    ),
  ]
}

function sampleProblems(entry: ConnectorDefinition): FileProblem[] {
  return entry.samples.flatMap((sample, index) => {
    const meaning = readSample(entry, sample)
    if (isDeepStrictEqual(meaning, sample.means)) return []
    const message = `the sample ${JSON.stringify(sample.name)} means ${JSON.stringify(meaning)} by this entry`
    return [{ at: ["samples", index, "means"], message }]
  })
}
