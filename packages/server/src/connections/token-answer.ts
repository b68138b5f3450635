/** The body of a token answer: CONTRACT section 3. */
import { type Catalog, missingScopes } from "@grantry/catalog"
import type { TokenAnswer } from "@grantry/sdk/wire"
import type { Connection } from "../storage/stores/connections.ts"
import { definitionOf } from "./oauth-clients.ts"

/** Everything but the token: JSON without its opening brace. The same until the row is written again. */
export function restOfAnswer(catalog: Catalog, connection: Connection): string {
  const { accountId, accountLabel, config, expiresAt, grantedScopes, requestedScopes, type } = connection
  const rest: Omit<TokenAnswer, "access_token"> = {
    integration_type: type,
    connection_config: Object.keys(config).length > 0 ? config : null,
    expires_at: expiresAt === null ? null : new Date(expiresAt).toISOString(),
    scopes: grantedScopes ?? [],
    missing_scopes: missingScopes(definitionOf(catalog, type), requestedScopes, grantedScopes),
    account: accountId === null ? null : { id: accountId, label: accountLabel ?? accountId },
  }
  return JSON.stringify(rest).slice(1)
}

export function answerText(accessToken: string, rest: string): string {
  return `{"access_token":${JSON.stringify(accessToken)},${rest}`
}
