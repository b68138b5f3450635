/** The body of a token answer: CONTRACT section 3. */
import { type Catalog, missingScopes } from "@grantry/catalog"
import type { TokenAnswer } from "@grantry/sdk/wire"
import { definitionOf } from "../connections/oauth-clients.ts"
import type { Connection } from "../storage/stores.ts"

// On SQLite one frozen row serves many reads. All of the answer follows from it, except the token: that is not kept.
const restOfAnswers = new WeakMap<Connection, string>()

/** @returns JSON, put together as text: everything but the token is the same until the row is written again */
export function tokenAnswer(catalog: Catalog, connection: Connection, accessToken: string): string {
  let rest = restOfAnswers.get(connection)
  if (rest === undefined) {
    rest = JSON.stringify(restOfAnswer(catalog, connection)).slice(1)
    restOfAnswers.set(connection, rest)
  }
  return `{"access_token":${JSON.stringify(accessToken)},${rest}`
}

function restOfAnswer(catalog: Catalog, connection: Connection): Omit<TokenAnswer, "access_token"> {
  const { accountId, accountLabel, config, expiresAt, grantedScopes, requestedScopes, type } = connection
  return {
    integration_type: type,
    connection_config: Object.keys(config).length > 0 ? config : null,
    expires_at: expiresAt === null ? null : new Date(expiresAt).toISOString(),
    scopes: grantedScopes ?? [],
    missing_scopes: missingScopes(definitionOf(catalog, type), requestedScopes, grantedScopes),
    account: accountId === null ? null : { id: accountId, label: accountLabel ?? accountId },
  }
}
