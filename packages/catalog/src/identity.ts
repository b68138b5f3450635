/** Names the account behind a grant, from the token answer or from the answer to the entry's identity request. */
import type { ConnectorDefinition, Template } from "./define.ts"
import { fillFirst, isJsonObject } from "./json.ts"
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
 * @returns null where the answer does not suffice and the identity request is needed
 */
export function accountFromToken(definition: ConnectorDefinition, json: unknown): Account | null {
  const templates = definition.identity.fromToken
  return templates && accountOf(templates, json)
}

/**
 * Names the account by the answer to `identity.request`.
 *
 * @param definition the entry that the answer belongs to
 * @param json the answer's body: parsed JSON, or text as it came
 * @returns null where the answer names nobody, such as a failure that is told at status 200
 */
export function identityFromAnswer(definition: ConnectorDefinition, json: unknown): Account | null {
  const templates = definition.identity.request
  const parsed = typeof json === "string" ? parsedBody(json) : json
  if (!templates || !isJsonObject(parsed) || saysFailure(definition, parsed)) return null
  return accountOf(templates, parsed)
}

interface AccountTemplates {
  readonly id: readonly Template[]
  readonly label: readonly Template[]
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
