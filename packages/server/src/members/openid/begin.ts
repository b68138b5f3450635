/** The first half: a one-time state, tied to this browser, and the address at the provider. */
import { calculatePKCECodeChallenge } from "oauth4webapi"
import { newSecret, sha256Text } from "../../random.ts"
import type { Services } from "../../services.ts"
import { limitGuesses, maxPerAddress } from "../limit-guesses.ts"
import type { OpenIdIssuer, OpenIdMetadata } from "./issuer.ts"
import { openIdNotSetUp } from "./refusals.ts"

const attemptLifeMs = 10 * 60_000

export interface BeginOpenId {
  /** The secret in this browser's cookie. */
  readonly browserSecret: string
  /** Who links an account of the provider to their own; null: somebody signs in. */
  readonly memberId: string | null
  /** Where to go afterwards: a path of this server. */
  readonly nextPath: string
  readonly address: string
}

type Dependencies = Pick<Services, "storage" | "clock" | "openId" | "config">

/** @throws NOT_FOUND, RATE_LIMITED, IDENTITY_ISSUER_UNAVAILABLE */
export async function beginOpenId(deps: Dependencies, begun: BeginOpenId): Promise<URL> {
  const openId = requireOpenId(deps)
  // Everyone counts: anybody can begin one, and each is a row.
  const limits = [{ subject: `openid sign-in address ${begun.address}`, max: maxPerAddress }]
  const state = await limitGuesses(deps, limits, () => insertAttempt(deps, begun), { givesBack: false })
  return authorizationUrl(openId, await openId.metadata(), {
    redirectUri: redirectUriOf(deps.config),
    state,
    browserSecret: begun.browserSecret,
  })
}

export function requireOpenId({ openId }: Pick<Services, "openId">): OpenIdIssuer {
  if (!openId) throw openIdNotSetUp()
  return openId
}

/** To be registered at the provider. */
export function redirectUriOf({ publicUrl }: { readonly publicUrl: string }): string {
  return `${publicUrl}/sign-in/oidc/callback`
}

/** What only this browser can tell again: neither stands in the database. */
export function boundToBrowser(state: string, browserSecret: string) {
  return {
    nonce: sha256Text(`openid nonce ${state} ${browserSecret}`),
    codeVerifier: sha256Text(`openid verifier ${state} ${browserSecret}`),
  }
}

async function insertAttempt(
  { clock, storage }: Dependencies,
  { browserSecret, memberId, nextPath }: BeginOpenId,
): Promise<string> {
  const state = newSecret()
  const createdAt = clock.now()
  await storage.openIdAttempts.insert({
    stateHash: sha256Text(state),
    browserHash: sha256Text(browserSecret),
    memberId,
    nextPath,
    createdAt,
    expiresAt: createdAt + attemptLifeMs,
  })
  return state
}

/** OpenID Connect Core section 3.1.2.1, RFC 7636 section 4.3. */
async function authorizationUrl(
  { settings }: OpenIdIssuer,
  metadata: OpenIdMetadata,
  asked: { readonly redirectUri: string; readonly state: string; readonly browserSecret: string },
): Promise<URL> {
  const { codeVerifier, nonce } = boundToBrowser(asked.state, asked.browserSecret)
  const url = new URL(metadata.authorization_endpoint)
  const parameters = {
    response_type: "code",
    client_id: settings.clientId,
    redirect_uri: asked.redirectUri,
    scope: "openid email profile",
    state: asked.state,
    nonce,
    code_challenge: await calculatePKCECodeChallenge(codeVerifier),
    code_challenge_method: "S256",
  }
  for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value)
  return url
}
