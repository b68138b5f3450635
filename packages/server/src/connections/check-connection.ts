/** Does a shared connection work? One API call, one forced refresh, one API call again; never answers a token. */
import { identityFromAnswer, type WireAnswer } from "@grantry/catalog"
import type { CheckAnswer, CheckStep } from "@grantry/sdk/wire"
import { GrantryError } from "../errors.ts"
import { hideSecrets } from "../oauth/known-secrets.ts"
import { scrubProviderText } from "../oauth/provider-text.ts"
import { askIdentity, IdentityUnavailable } from "../oauth/read-identity.ts"
import { OutboundError } from "../outbound/outbound.ts"
import type { Services } from "../services.ts"
import type { Connection } from "../storage/stores/connections.ts"
import { CredentialUnreadable } from "../vault/vault.ts"
import { credentialUnreadable, notConnected, reconnectRequired } from "./errors.ts"
import { judgeFreshness } from "./freshness.ts"
import { definitionOf } from "./oauth-clients.ts"
import { openToken } from "./sealed-tokens.ts"

type Dependencies = Pick<Services, "catalog" | "clients" | "clock" | "protocol" | "refresher" | "vault">
type Verdict = Pick<CheckStep, "outcome" | "detail">

const maxDetail = 300
const skipped: Verdict = { outcome: "skipped", detail: null }

const expired: Verdict = {
  outcome: "skipped",
  detail: "the stored token has expired: the refresh comes first",
}

/**
 * The refresh goes through the refresher: under its lease, shared with whoever refreshes at the same time, and never
 * a second time on failure.
 *
 * @throws NOT_FOUND, RECONNECT_REQUIRED when there is nothing to check
 */
export async function checkConnection(deps: Dependencies, connection: Connection): Promise<CheckAnswer> {
  if (connection.status === "disconnected") throw notConnected(connection.ownerKind)
  if (connection.status === "expired")
    throw reconnectRequired(connection, definitionOf(deps.catalog, connection.type))
  const first = isExpired(deps, connection) ? expired : await callApi(deps, connection)
  const { verdict, connection: refreshed } = await forceRefresh(deps, connection)
  const second = refreshed && first.outcome !== "unsupported" ? await callApi(deps, refreshed) : null
  const steps: CheckStep[] = [
    { step: "api_call", ...first },
    { step: "refresh", ...verdict },
    { step: "api_call_after_refresh", ...(second ?? (first.outcome === "unsupported" ? first : skipped)) },
  ]
  return {
    integration_type: connection.type,
    ok: steps.every(({ outcome }) => outcome !== "failed"),
    steps,
  }
}

function isExpired({ clock }: Dependencies, connection: Connection): boolean {
  return judgeFreshness(connection, clock.now()) === "expired"
}

async function callApi(deps: Dependencies, connection: Connection): Promise<Verdict> {
  if (connection.sealedAccessToken === null) throw notConnected(connection.ownerKind)
  const accessToken = await readable(
    openToken(deps.vault, connection, "access_token", connection.sealedAccessToken),
  )
  const client = await deps.clients.forReference(connection)
  const config = { ...connection.config, ...client.ownConfig }
  try {
    const answer = await askIdentity(deps.protocol, client, accessToken, config)
    if (!answer)
      return { outcome: "unsupported", detail: "the service has no request that names the account" }
    const account = answer.status === 200 ? identityFromAnswer(client.definition, answer.body, config) : null
    if (account) return { outcome: "ok", detail: scrubProviderText(account.label, maxDetail) }
    return { outcome: "failed", detail: wordsOf(answer, accessToken) }
  } catch (error) {
    if (error instanceof OutboundError || error instanceof IdentityUnavailable)
      return { outcome: "failed", detail: error.message }
    throw error
  }
}

/** The provider's own words; they may echo the request. */
function wordsOf({ body, status }: WireAnswer, accessToken: string): string {
  const text = typeof body === "string" ? body : JSON.stringify(body)
  return scrubProviderText(`HTTP ${status}: ${hideSecrets(text, [accessToken])}`, maxDetail)
}

interface Forced {
  readonly verdict: Verdict
  /** As it stands after a refresh, or without one; null when the refresh failed. */
  readonly connection: Connection | null
}

async function forceRefresh(deps: Dependencies, connection: Connection): Promise<Forced> {
  // Without a refresh token the attempt alone would end a grant that works.
  if (connection.sealedRefreshToken === null) {
    const detail = "the provider gave no refresh token"
    return { verdict: { outcome: "unsupported", detail }, connection }
  }
  try {
    const refreshed = await deps.refresher.refresh(connection)
    return { verdict: { outcome: "ok", detail: null }, connection: refreshed }
  } catch (error) {
    if (!(error instanceof GrantryError)) throw error
    return { verdict: { outcome: "failed", detail: error.message }, connection: null }
  }
}

async function readable(opened: Promise<string>): Promise<string> {
  try {
    return await opened
  } catch (error) {
    throw error instanceof CredentialUnreadable ? credentialUnreadable(error) : error
  }
}
