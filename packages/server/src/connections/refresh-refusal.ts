/** Why a caller gets no token although a refresh was tried: one of the answers of CONTRACT section 2. */
import type { GrantryError } from "../errors.ts"
import type { Services } from "../services.ts"
import type { Connection } from "../storage/stores/connections.ts"
import {
  credentialUnreadable,
  notConnected,
  oauthClientMissing,
  oauthClientRejected,
  providerUnavailable,
  quarantined,
  reconnectRequired,
} from "./errors.ts"
import { definitionOf } from "./oauth-clients.ts"
import type { RefreshResult } from "./refresh.ts"

export type RefusalDependencies = Pick<Services, "catalog" | "clock">

type Refused = Exclude<RefreshResult, { kind: "usable" }>

export function refusalOf(deps: RefusalDependencies, asked: Connection, result: Refused): GrantryError {
  switch (result.kind) {
    case "gone":
      return notConnected(asked.ownerKind)
    case "dead":
      return reconnectRequired(result.connection, definitionOf(deps.catalog, asked.type))
    case "quarantined":
      return quarantined(definitionOf(deps.catalog, asked.type))
    case "trouble":
      return troubleError(deps, result)
  }
}

function troubleError(
  deps: RefusalDependencies,
  result: Extract<Refused, { kind: "trouble" }>,
): GrantryError {
  const { connection, retryAt, trouble } = result
  const definition = definitionOf(deps.catalog, connection.type)
  if (trouble.kind === "not_asked" && trouble.code === "CREDENTIAL_UNREADABLE")
    return credentialUnreadable(new Error(trouble.message))
  if (trouble.kind === "not_asked" && trouble.code === "OAUTH_CLIENT_MISSING")
    return oauthClientMissing(definition)
  const retryAfterS = Math.max(1, Math.ceil((retryAt - deps.clock.now()) / 1000))
  return trouble.kind === "client_misconfigured"
    ? oauthClientRejected(definition, connection, trouble, retryAfterS)
    : providerUnavailable(definition, trouble, retryAfterS)
}
