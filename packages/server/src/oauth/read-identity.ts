/** Names the account behind a grant: from the token answer, else by the catalogue's one request. */
import {
  accountFromConfig,
  accountFromToken,
  configFromIdentity,
  ConfigValueError,
  endpoint,
  identityFromAnswer,
  type Template,
  type WireAnswer,
} from "@grantry/catalog"
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

/** Whose grant it is, and what the identity endpoint tells besides. */
export interface Identity {
  /** null where the service has no way to name the account. */
  readonly account: Account | null
  readonly config: Readonly<Record<string, string>>
}

/** @throws IdentityUnavailable when the provider refused or answered nonsense; OutboundError when it was not reached */
export async function readIdentity(
  protocol: ProtocolClient,
  client: OAuthClient,
  grant: IssuedGrant,
  given: Readonly<Record<string, string>>,
): Promise<Identity> {
  const { definition } = client
  const config = { ...given, ...client.ownConfig }
  const known = accountFromToken(definition, grant.json, config)
  const isNeeded = known === null || definition.config.fromIdentity.length > 0
  const answer = isNeeded ? await askIdentity(protocol, client, grant.accessToken, config) : null
  if (!answer) return { account: known, config: {} }
  const account = answer.status === 200 ? identityFromAnswer(definition, answer.body, config) : null
  if (account) return { account: known ?? account, config: configFromIdentity(definition, answer.body) }
  throw new IdentityUnavailable(
    `the identity endpoint answered HTTP ${answer.status} without naming an account`,
  )
}

/**
 * One call of the identity endpoint, whatever it answers.
 *
 * @returns null where the service has none
 * @throws IdentityUnavailable when its address cannot be put together; OutboundError when it was not reached
 */
export async function askIdentity(
  protocol: ProtocolClient,
  client: OAuthClient,
  accessToken: string,
  config: Readonly<Record<string, string>>,
): Promise<WireAnswer | null> {
  const { request } = client.definition.identity
  if (!request) return null
  return sendToProvider(protocol, client, {
    method: request.method,
    url: identityUrl(client, request.url, config),
    headers: { authorization: `Bearer ${accessToken}`, ...request.headers },
    body: request.body ? { kind: "json", value: request.body } : null,
  })
}

/** The host of it may be a value that should have come with the token. */
function identityUrl(
  { definition }: OAuthClient,
  template: Template,
  config: Readonly<Record<string, string>>,
): string {
  try {
    return endpoint(definition, template, config).href
  } catch (error) {
    if (!(error instanceof ConfigValueError)) throw error
    throw new IdentityUnavailable(`the identity endpoint has no address: ${error.message}`, { cause: error })
  }
}

/** What is known of the account without the identity endpoint. */
export function identityWithoutRequest(
  { definition }: OAuthClient,
  grant: IssuedGrant,
  config: Readonly<Record<string, string>>,
): Identity {
  return {
    account: accountFromToken(definition, grant.json, config) ?? accountFromConfig(definition, config),
    config: {},
  }
}
