/**
 * The operator's OpenID provider: what it says of itself, and the keys with which it signs. Both are fetched when
 * somebody signs in, through the guarded client, and kept for a while.
 */
import {
  allowInsecureRequests,
  type AuthorizationServer,
  type Client,
  customFetch,
  discoveryRequest,
  processDiscoveryResponse,
} from "oauth4webapi"
import { createKeySets, type KeySets } from "../../callers/key-sets.ts"
import type { OpenIdSettings } from "../../config/openid.ts"
import { type GuardedFetch, guardedFetch } from "../../oauth/guarded-fetch.ts"
import type { Outbound } from "../../outbound/outbound.ts"
import { createSingleFlight } from "../../vault/single-flight.ts"
import { issuerUnavailable } from "./refusals.ts"

export interface OpenIdIssuer {
  readonly settings: OpenIdSettings
  readonly client: Client
  readonly keySets: KeySets
  readonly fetch: GuardedFetch
  /** Under which its accounts are kept: with `sub` it names one person (OpenID Connect Core section 2). */
  readonly providerId: string
  /** @throws IDENTITY_ISSUER_UNAVAILABLE */
  metadata(): Promise<OpenIdMetadata>
}

/** What a sign-in needs of it. */
export type OpenIdMetadata = AuthorizationServer &
  Required<Pick<AuthorizationServer, "authorization_endpoint" | "token_endpoint" | "jwks_uri">>

const freshMs = 10 * 60_000
const deadlineMs = 10_000

export function createOpenIdIssuer(
  settings: OpenIdSettings,
  outbound: Outbound,
  now: () => number = () => performance.now(),
): OpenIdIssuer {
  const fetch = guardedFetch(outbound, deadlineMs)
  const discoverOnce = createSingleFlight<OpenIdMetadata>()
  let known: { readonly metadata: OpenIdMetadata; readonly at: number } | undefined
  return {
    settings,
    client: { client_id: settings.clientId },
    keySets: createKeySets({ outbound, now }),
    fetch,
    providerId: `openid ${new URL(settings.issuer).href}`,
    async metadata() {
      if (known && now() - known.at < freshMs) return known.metadata
      const metadata = await discoverOnce("", () => discover(settings, fetch))
      known = { metadata, at: now() }
      return metadata
    },
  }
}

async function discover(settings: OpenIdSettings, fetch: GuardedFetch): Promise<OpenIdMetadata> {
  try {
    const issuer = new URL(settings.issuer)
    // The address check belongs to `outbound`, which knows the operator's allow list.
    const options = { [customFetch]: fetch, [allowInsecureRequests]: true }
    const metadata = await processDiscoveryResponse(issuer, await discoveryRequest(issuer, options))
    if (!isComplete(metadata)) throw new Error("the discovery document names no endpoints")
    return metadata
  } catch (error) {
    throw issuerUnavailable(settings.name, error)
  }
}

function isComplete(metadata: AuthorizationServer): metadata is OpenIdMetadata {
  const { authorization_endpoint: authorize, jwks_uri: keys, token_endpoint: token } = metadata
  return [authorize, keys, token].every(
    (url) => typeof url === "string" && /^https?:\/\//.test(url) && URL.canParse(url),
  )
}
