/** The code becomes a grant, and the account behind it gets its name. */
import { configFromToken } from "@grantry/catalog"
import { redirectUri } from "../connections/oauth-clients.ts"
import { askedScopes } from "../oauth/authorization-url.ts"
import type { IssuedGrant, TokenTrouble } from "../oauth/outcome.ts"
import { OutboundError } from "../outbound/outbound.ts"
import {
  type Account,
  type Identity,
  IdentityUnavailable,
  identityWithoutRequest,
  readIdentity,
} from "../oauth/read-identity.ts"
import { lookUpValues } from "../oauth/look-up-values.ts"
import { exchangeCode } from "../oauth/request-token.ts"
import type { Services } from "../services.ts"
import type { ConsumedAttempt } from "./consume-attempt.ts"
import { attemptContext } from "./find-attempt.ts"
import { authorizationDenied } from "./refusals.ts"

/** A new grant, still in plaintext: it lives until it is sealed into a connection or into its attempt. */
export interface NewGrant {
  readonly accessToken: string
  readonly refreshToken: string | null
  readonly expiresInS: number | null
  readonly grantedScopes: readonly string[] | null
  readonly config: Readonly<Record<string, string>>
  /** null: the service could not name it. */
  readonly account: Account | null
  /** When the token request left. */
  readonly sentAt: number
}

type Dependencies = Pick<Services, "config" | "clock" | "vault" | "protocol" | "log">

/** @throws AUTHORIZATION_DENIED with the provider's words and the redirect URI that was sent */
export async function exchangeForGrant(deps: Dependencies, consumed: ConsumedAttempt): Promise<NewGrant> {
  const { attempt, callback, client } = consumed
  const sentRedirectUri = redirectUri(deps.config.publicUrl, client)
  const verifier =
    attempt.sealedVerifier &&
    (await deps.vault.open(attemptContext(attempt, "code_verifier"), attempt.sealedVerifier))
  const sentAt = deps.clock.now()
  const context = {
    client,
    redirectUri: sentRedirectUri,
    scopes: attempt.requestedScopes,
    config: attempt.config,
  }
  const outcome = await exchangeCode(deps.protocol, context, callback, verifier)
  if (outcome.kind !== "ok") {
    throw authorizationDenied(exchangeFailure(client.definition.displayName, outcome), sentRedirectUri)
  }
  const config = learnedConfig(consumed, outcome.grant)
  const identity = await readIdentityOrGoOn(deps, consumed, outcome.grant, config)
  const known = { ...config, ...identity.config }
  const looked = await lookUpValues(
    { ...deps, log: deps.log.child({ connectionId: attempt.connectionId }) },
    client,
    outcome.grant,
    known,
  )
  return {
    accessToken: outcome.grant.accessToken,
    refreshToken: outcome.grant.refreshToken,
    expiresInS: outcome.grant.expiresInS,
    grantedScopes: outcome.grant.scopes ?? scopesAsAsked(consumed),
    config: { ...known, ...looked },
    account: identity.account && { id: shown(identity.account.id), label: shown(identity.account.label) },
    sentAt,
  }
}

/** A provider's name for an account goes into the database and onto pages: PostgreSQL takes no U+0000. */
function shown(text: string): string {
  return text
    .replace(/\p{Cc}+/gu, " ")
    .trim()
    .slice(0, 300)
}

function exchangeFailure(displayName: string, trouble: TokenTrouble): string {
  const what = `${displayName} did not exchange the code for a token: ${trouble.message}.`
  if (trouble.kind === "client_misconfigured")
    return `${what} Check the client id and secret of this connector.`
  if (trouble.kind === "transient" || trouble.kind === "rate_limited") return `${what} Try again in a moment.`
  return `${what} Check that the redirect URI below is registered at ${displayName} exactly as it stands.`
}

/** An answer without scopes means: as asked (RFC 6749 section 5.1). */
function scopesAsAsked({ attempt, client }: ConsumedAttempt): readonly string[] {
  return client.definition.authorize.scopeParam === null
    ? []
    : askedScopes({ client, scopes: attempt.requestedScopes })
}

function learnedConfig(
  { attempt, callback, client }: ConsumedAttempt,
  grant: IssuedGrant,
): Record<string, string> {
  const fromCallback = client.definition.config.fromCallback.flatMap(({ name, param }) => {
    const value = callback.get(param)
    return value === null || value === "" ? [] : [[name, value] as const]
  })
  const learned = { ...Object.fromEntries(fromCallback), ...configFromToken(client.definition, grant.json) }
  return { ...attempt.config, ...client.ownConfig, ...learned }
}

/** A connection is worth having even if the provider will not say whose it is. */
async function readIdentityOrGoOn(
  deps: Dependencies,
  { attempt, client }: ConsumedAttempt,
  grant: IssuedGrant,
  config: Readonly<Record<string, string>>,
): Promise<Identity> {
  try {
    return await readIdentity(deps.protocol, client, grant, config)
  } catch (error) {
    if (!(error instanceof IdentityUnavailable) && !(error instanceof OutboundError)) throw error
    deps.log.warn(
      { connectionId: attempt.connectionId, err: error },
      "the account of a new grant could not be named",
    )
    return identityWithoutRequest(client, grant, config)
  }
}
