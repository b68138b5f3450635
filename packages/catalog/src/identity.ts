/** Names the account behind a grant, from the token answer or from the answer to the entry's identity request. */
import type { ConnectorDefinition, Template } from "./define.ts"
import type { JsonObject } from "./json.ts"
import { fillFirst, isJsonObject, valueAt } from "./json.ts"
import { parsedBody, saysFailure } from "./translate.ts"

/** An account at a provider: `id` never changes, `label` is what its owner recognises. */
export interface Account {
  readonly id: string
  readonly label: string
}

const maxIdLength = 255
const maxLabelLength = 200

/**
 * Names the account by the token answer alone.
 *
 * @param definition the entry that the answer belongs to
 * @param json the token answer
 * @param config the connection's config values
 * @returns null where the answer does not suffice and the identity request is needed
 */
export function accountFromToken(
  definition: ConnectorDefinition,
  json: unknown,
  config: Values = {},
): Account | null {
  const templates = definition.identity.fromToken
  return templates && accountOf(templates, { ...(isJsonObject(json) ? json : {}), config })
}

/**
 * Names the account by the connection's config values alone, for services that refuse their identity request.
 *
 * @returns null where the entry's templates need more than that
 */
export function accountFromConfig(definition: ConnectorDefinition, config: Values): Account | null {
  const templates = definition.identity.request
  return templates && accountOf(templates, { config })
}

/**
 * Names the account by the answer to `identity.request`.
 *
 * @param definition the entry that the answer belongs to
 * @param json the answer's body: parsed JSON, or text as it came
 * @param config the connection's config values
 * @returns null where the answer names nobody, such as a failure that is told at status 200
 */
export function identityFromAnswer(
  definition: ConnectorDefinition,
  json: unknown,
  config: Values = {},
): Account | null {
  const templates = definition.identity.request
  const parsed = typeof json === "string" ? parsedBody(json) : json
  const named = readable(parsed)
  if (!templates || !named || saysFailure(definition, named)) return null
  return namesNothing(templates, named) ? null : accountOf(templates, { ...named, config })
}

/** Some answer with a bare list (Supabase' organisations): its items are then found by their numbers. */
function readable(json: unknown): JsonObject | null {
  if (Array.isArray(json))
    return Object.fromEntries(json.map((item: unknown, index) => [String(index), item]))
  return isJsonObject(json) ? json : null
}

type Values = Readonly<Record<string, string>>

interface AccountTemplates {
  readonly id: readonly Template[]
  readonly label: readonly Template[]
}

/** An answer in which no template finds anything is a failure, even where config values would name somebody. */
function namesNothing({ id, label }: AccountTemplates, json: JsonObject): boolean {
  const paths = [...id, ...label].flatMap((template) => [...template.matchAll(/\{([^}]+)\}/g)])
  return paths.every(([, path = ""]) => valueAt(json, path) === undefined)
}

function accountOf(templates: AccountTemplates, json: unknown): Account | null {
  const id = fillFirst(templates.id, json)
  if (id === undefined || id.length > maxIdLength) return null
  return { id, label: shown(fillFirst(templates.label, json) ?? id) }
}

/** Labels are shown next to other people's: no control or direction-changing characters, and not without end. */
function shown(label: string): string {
  const plain = label.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, " ").trim()
  return plain.length > maxLabelLength ? `${plain.slice(0, maxLabelLength - 1)}…` : plain
}
