/** Names the account behind a grant: from the token answer, else by the catalogue's one request. */
import { accountFromToken, endpoint, identityFromAnswer } from "@grantry/catalog"
import type { OAuthClient } from "./oauth-client.ts"
import type { IssuedGrant } from "./outcome.ts"
import { type ProtocolClient, sendToProvider } from "./protocol-client.ts"

export interface Account {
  readonly id: string
  /** As a person knows it: an e-mail address, a user name, a workspace. */
  readonly label: string
}

export class IdentityUnavailable extends Error {
  override readonly name = "IdentityUnavailable"
}

/**
 * @returns null where the service has no way to name the account
 * @throws IdentityUnavailable when the provider refused or answered nonsense; OutboundError when it was not reached
 */
export async function readIdentity(
  protocol: ProtocolClient,
  client: OAuthClient,
  grant: IssuedGrant,
  config: Readonly<Record<string, string>>,
): Promise<Account | null> {
  const { definition } = client
  const known = accountFromToken(definition, grant.json)
  const request = definition.identity.request
  if (known || !request) return known
  const authorization = { authorization: `Bearer ${grant.accessToken}` }
  const answer = await sendToProvider(protocol, client, {
    method: request.method,
    url: endpoint(definition, request.url, config).href,
    headers: { ...authorization, ...request.headers },
    body: null,
  })
  const account = answer.status === 200 ? identityFromAnswer(definition, answer.body) : null
  if (!account) throw new IdentityUnavailable(`the identity endpoint answered HTTP ${answer.status} without naming an account`)
  return account
}

