/** Hosts of self-hosted providers are the connector's to set: whoever connects an account must not lead its secret there. */
import type { ConnectorDefinition } from "@grantry/catalog"
import { GrantryError } from "../errors.ts"

/**
 * @param ownConfig the values of the OAuth client
 * @param given what the caller or the connect page's form gave
 * @throws INVALID_REQUEST when a given value differs from the client's own
 */
export function refuseOwnConfig(
  ownConfig: Readonly<Record<string, string>>,
  definition: ConnectorDefinition,
  given: Readonly<Record<string, string>>,
): void {
  for (const { displayName, name, selfHosted } of definition.config.asked) {
    if (!selfHosted || !Object.hasOwn(given, name) || given[name] === "" || given[name] === ownConfig[name])
      continue
    const message = `connection_config.${name}: ${displayName} belongs to the OAuth client, which is registered there. Set it in the connection_config of a connector.`
    throw new GrantryError("INVALID_REQUEST", 400, message, { body: { field: name } })
  }
}
