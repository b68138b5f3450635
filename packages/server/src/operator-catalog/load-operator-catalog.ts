/** The operator's own connector types: one JSON file each, data only. */
import { readdirSync, readFileSync } from "node:fs"
import { basename, join } from "node:path"
import {
  builtInDefinitions,
  type ConnectorDefinition,
  type ConnectorInput,
  defineConnector,
} from "@grantry/catalog"
import { ConfigError } from "../config/config-error.ts"
import { entryProblems } from "./entry-problems.ts"
import { compileSchemaCheck, type SchemaCheck } from "./schema-problems.ts"
import { readSource } from "./source-file.ts"

const variable = "GRANTRY_CATALOG_DIR"

/**
 * Reads every `*.json` of a folder; schemas (`*.schema.json`) and hidden files are left alone.
 *
 * @param folder absolute path
 * @param builtIn the entries beside which they will stand
 * @returns complete entries, by the order of their files' names
 * @throws ConfigError with every problem of every file, as `file:line:column message`
 */
export function loadOperatorCatalog(
  folder: string,
  builtIn: readonly ConnectorDefinition[] = builtInDefinitions,
): readonly ConnectorDefinition[] {
  const files = filesOf(folder)
  const check = compileSchemaCheck()
  const read = files.map((path) => readEntry(path, check, builtIn))
  const lines = read.flatMap(({ problems }) => problems)
  if (lines.length > 0) throw new ConfigError(lines.map((line) => ({ variable, line })))
  return read.flatMap(({ entry }) => entry ?? [])
}

function filesOf(folder: string): readonly string[] {
  const names = attempt(() => readdirSync(folder))
  if (names instanceof Error) {
    const line = `${variable} is ${JSON.stringify(folder)}, but it must be a folder that can be read: ${names.message}`
    throw new ConfigError([{ variable, line }], { cause: names })
  }
  const entries = names.filter((name) => /^[^.].*\.json$/.test(name) && !name.endsWith(".schema.json"))
  return entries.toSorted().map((name) => join(folder, name))
}

interface ReadEntry {
  readonly entry: ConnectorDefinition | null
  readonly problems: readonly string[]
}

function readEntry(path: string, check: SchemaCheck, builtIn: readonly ConnectorDefinition[]): ReadEntry {
  const text = attempt(() => readFileSync(path, "utf8"))
  if (text instanceof Error) return { entry: null, problems: [`${path}:1:1 cannot be read: ${text.message}`] }
  // Some editors begin a file with a byte order mark.
  const source = readSource(path, text.replace(/^\uFEFF/, ""))
  if (source.problems.length > 0) return { entry: null, problems: source.problems }
  const misshapen = check(source.value)
  if (misshapen.length > 0) return { entry: null, problems: misshapen.map(source.line) }
  const entry = completed(source.value as OperatorInput)
  const around = { fileName: basename(path, ".json"), builtIn }
  return { entry, problems: entryProblems(entry, around).map(source.line) }
}

/** The shape that the schema has just found. */
type OperatorInput = Omit<ConnectorInput, "dialect" | "samples"> &
  Partial<Pick<ConnectorInput, "samples">> & { readonly $schema?: string }

function completed(file: OperatorInput): ConnectorDefinition {
  const { $schema: _, ...input } = file
  return defineConnector({ samples: [], ...input })
}

/** What the file system has against it is one problem among others. */
function attempt<T>(read: () => T): T | Error {
  try {
    return read()
  } catch (error) {
    if (error instanceof Error && "code" in error) return error
    throw error
  }
}
