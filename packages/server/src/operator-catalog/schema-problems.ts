/** What the catalogue's JSON Schema has against a value, in words for the person who wrote it. */
import { createRequire } from "node:module"
import { nearestNames } from "@grantry/catalog"
import { Ajv2020, type ErrorObject, type ValidateFunction } from "ajv/dist/2020.js"
import type { FileProblem, JsonLocation } from "./source-file.ts"

export type SchemaCheck = (value: unknown) => readonly FileProblem[]

/** Compiles the published schema; once per start. */
export function compileSchemaCheck(): SchemaCheck {
  const schema: unknown = createRequire(import.meta.url)("@grantry/catalog/connector.schema.json")
  const ajv = new Ajv2020({ allErrors: true, verbose: true, allowUnionTypes: true })
  const validate = ajv.compile(schema as object)
  return (value) => problemsOf(validate, value)
}

function problemsOf(validate: ValidateFunction, value: unknown): readonly FileProblem[] {
  if (validate(value)) return []
  // A name that breaks its rule is told by the rule; "property name must be valid" adds nothing.
  const errors = (validate.errors ?? []).filter(({ keyword }) => keyword !== "propertyNames")
  return errors.map((error) => problemOf(value, error))
}

function problemOf(value: unknown, error: ErrorObject): FileProblem {
  const at = locationOf(value, error.instancePath)
  const params: Readonly<Record<string, unknown>> = error.params
  if (error.propertyName !== undefined)
    return { at, member: error.propertyName, message: `${quoted(error.propertyName)} must be ${must(error)}` }
  const { additionalProperty: unknown, missingProperty: missing } = params
  if (typeof unknown === "string") return { at, member: unknown, message: notAMember(unknown, at, error) }
  if (typeof missing === "string") return { at, message: `${named(at)} lacks ${quoted(missing)}` }
  return { at, message: `${named(at)} must be ${must(error)}` }
}

function notAMember(unknown: string, at: JsonLocation, { parentSchema }: ErrorObject): string {
  const known = membersOf(parentSchema)
  const [nearest] = nearestNames(
    unknown,
    known.map((name) => ({ name, alsoKnownAs: name })),
    1,
  )
  const hint = nearest === undefined ? `; it takes ${known.join(", ")}` : `; did you mean ${quoted(nearest)}?`
  return `${quoted(unknown)} is no member of ${named(at)}${hint}`
}

function membersOf(schema: unknown): string[] {
  const properties =
    typeof schema === "object" && schema !== null && "properties" in schema ? schema.properties : {}
  return Object.keys(properties ?? {})
}

/** The schema's own words for what it takes. */
function must({ keyword, params, parentSchema, message = "different" }: ErrorObject): string {
  const { allowedValues }: { readonly allowedValues?: unknown } = params
  if (Array.isArray(allowedValues))
    return `one of ${allowedValues.map((value) => JSON.stringify(value)).join(", ")}`
  if (keyword === "const") return JSON.stringify(params["allowedValue"])
  const description: unknown = parentSchema?.["description"]
  if (typeof description === "string") return description
  const type: unknown = params["type"]
  if (type === undefined) return message.replace(/^must /, "")
  return `of the type ${[type].flat().map(String).join(" or ")}`
}

/** A JSON Pointer (RFC 6901) as keys and indices. */
function locationOf(value: unknown, pointer: string): JsonLocation {
  let here = value
  return pointer
    .split("/")
    .slice(1)
    .map((part) => {
      const key = part.replaceAll("~1", "/").replaceAll("~0", "~")
      const step = Array.isArray(here) ? Number(key) : key
      here =
        typeof here === "object" && here !== null
          ? (here as Readonly<Record<string, unknown>>)[key]
          : undefined
      return step
    })
}

function named(at: JsonLocation): string {
  return at.length === 0 ? "the file" : at.join(".")
}

function quoted(text: string): string {
  return JSON.stringify(text.length > 80 ? `${text.slice(0, 80)}…` : text)
}
