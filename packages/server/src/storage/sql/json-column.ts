/** JSON in text columns. What stands there was written by these functions, so a shape that differs is corruption. */
import type { ProviderTrouble } from "../stores/connections.ts"
import { type WebhookEventType, webhookEventTypes } from "../stores/webhooks.ts"

function corrupt(what: string): Error {
  return new Error(`A stored ${what} does not have the shape in which it was written`)
}

function parseObject(text: string, what: string): object {
  const value: unknown = JSON.parse(text)
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw corrupt(what)
  return value
}

export function parseScopes(text: string): readonly string[] {
  const value: unknown = JSON.parse(text)
  if (!Array.isArray(value) || !value.every((item) => typeof item === "string"))
    throw corrupt("list of scopes")
  return Object.freeze(value)
}

export function parseNullableScopes(text: string | null): readonly string[] | null {
  return text === null ? null : parseScopes(text)
}

/** Events that a later program no longer knows are left out. */
export function parseWebhookEvents(text: string): readonly WebhookEventType[] {
  const names = parseScopes(text)
  return webhookEventTypes.filter((type) => names.includes(type))
}

export function parseConfig(text: string): Readonly<Record<string, string>> {
  const config: Record<string, string> = {}
  for (const [name, value] of Object.entries(parseObject(text, "configuration"))) {
    if (typeof value !== "string") throw corrupt("configuration")
    config[name] = value
  }
  return Object.freeze(config)
}

export function parseTrouble(text: string | null): ProviderTrouble | null {
  if (text === null) return null
  const value = parseObject(text, "refresh error")
  if (!("kind" in value && "code" in value && "message" in value && "at" in value))
    throw corrupt("refresh error")
  const { kind, code, message, at } = value
  if (typeof kind !== "string" || typeof code !== "string") throw corrupt("refresh error")
  if (typeof message !== "string" || typeof at !== "number") throw corrupt("refresh error")
  return Object.freeze({ kind, code, message, at })
}

export function toJson(
  value: readonly string[] | Readonly<Record<string, string>> | ProviderTrouble,
): string {
  return JSON.stringify(value)
}

export function toNullableJson(value: readonly string[] | null): string | null {
  return value === null ? null : JSON.stringify(value)
}
