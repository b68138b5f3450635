/** The config values with which an attempt begins. */
import { checkConfigValues } from "@grantry/catalog"
import { GrantryError } from "../errors.ts"
import type { OAuthClient } from "../oauth/oauth-client.ts"
import { refuseOwnConfig } from "./own-config.ts"

/**
 * Values that are missing are asked for on the connect page; those that are given must be right.
 *
 * @param known what the connection and the connector hold
 * @throws INVALID_REQUEST naming the value
 */
export function initialConfig(
  { definition, ownConfig }: OAuthClient,
  known: Readonly<Record<string, string>>,
  given: Readonly<Record<string, string>> = {},
): Record<string, string> {
  refuseOwnConfig(ownConfig, definition, given)
  const fields = definition.config.asked.filter((field) => Object.hasOwn(given, field.name))
  const checked = checkConfigValues(fields, given)
  if (!checked.ok) {
    throw new GrantryError("INVALID_REQUEST", 400, `connection_config.${checked.field}: ${checked.message}`)
  }
  const asked = new Set(definition.config.asked.map((field) => field.name))
  const kept = Object.entries(known).filter(([name]) => asked.has(name))
  return { ...Object.fromEntries(kept), ...checked.values, ...ownConfig }
}
