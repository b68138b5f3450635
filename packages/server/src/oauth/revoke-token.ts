/** Token revocation (RFC 7009), in each provider's own form. */
import { endpoint, firstValueAt, isJsonObject, type RevocationFacts, scalarText, type WireAnswer, type WireRequest } from "@grantry/catalog"
import { OutboundError } from "../outbound/outbound.ts"
import { basicCredentials } from "./client-authentication.ts"
import type { OAuthClient } from "./oauth-client.ts"
import { type ProtocolClient, sendToProvider } from "./protocol-client.ts"
import { scrubProviderText } from "./provider-text.ts"

export interface TokensToRevoke {
  readonly accessToken: string | null
  readonly refreshToken: string | null
}

export type RevocationResult =
  | { readonly outcome: "revoked" | "unsupported"; readonly detail: string | null }
  | { readonly outcome: "failed"; readonly detail: string }
  | { readonly outcome: "retry"; readonly detail: string }

/** Presents the token that ends most; never throws for what a provider does. */
export async function revokeToken(
  protocol: ProtocolClient,
  client: OAuthClient,
  tokens: TokensToRevoke,
  config: Readonly<Record<string, string>>,
): Promise<RevocationResult> {
  const facts = client.definition.revocation
  if (!facts) return { outcome: "unsupported", detail: "the service has no way to revoke a token" }
  const token = facts.tokens.map((kind) => (kind === "refresh_token" ? tokens.refreshToken : tokens.accessToken)).find((t) => t !== null)
  if (token === undefined || token === null) return { outcome: "failed", detail: "no token of the kind that the service revokes was stored" }
  try {
    return judge(facts, await sendToProvider(protocol, client, revocationRequest(client, facts, token, config)))
  } catch (error) {
    if (error instanceof OutboundError) return { outcome: "retry", detail: error.message }
    throw error
  }
}

function revocationRequest(
  client: OAuthClient,
  facts: RevocationFacts,
  token: string,
  config: Readonly<Record<string, string>>,
): WireRequest {
  const url = endpoint(client.definition, facts.url, { ...config, client_id: client.clientId }).href
  const fields: Record<string, string> = facts.tokenField === null ? {} : { [facts.tokenField]: token }
  const headers: Record<string, string> = { ...facts.headers }
  if (facts.auth === "bearer") headers["authorization"] = `Bearer ${token}`
  if (facts.auth === "basic") headers["authorization"] = basicCredentials(formEncoded(client.clientId), formEncoded(client.clientSecret))
  if (facts.auth === "basic_raw") headers["authorization"] = basicCredentials(client.clientId, client.clientSecret)
  if (facts.auth === "post") Object.assign(fields, { client_id: client.clientId, client_secret: client.clientSecret })
  return { method: facts.method, url, headers, body: revocationBody(facts, fields) }
}

function revocationBody(facts: RevocationFacts, fields: Record<string, string>): WireRequest["body"] {
  switch (facts.body) {
    case "none":
      return null
    case "json":
      return { kind: "json", value: fields }
    case "form":
      return { kind: "form", fields }
  }
}

function judge(facts: RevocationFacts, answer: WireAnswer): RevocationResult {
  const error = scalarText(firstValueAt(answer.body, ["error", "code"])) ?? null
  const dead = facts.alreadyDead.some((known) => known.status === answer.status && (known.error === undefined || known.error === error))
  if (dead) return { outcome: "revoked", detail: "the provider had forgotten it already" }
  if (answer.status === 429 || answer.status >= 500) return { outcome: "retry", detail: `HTTP ${answer.status}` }
  const refusedInside = isJsonObject(answer.body) && answer.body["ok"] === false
  if (answer.status < 300 && !refusedInside) return { outcome: "revoked", detail: null }
  return { outcome: "failed", detail: scrubProviderText(`HTTP ${answer.status}${error === null ? "" : `: ${error}`}`, 200) }
}

/** RFC 6749 section 2.3.1 with appendix B. */
function formEncoded(text: string): string {
  return new URLSearchParams({ t: text }).toString().slice(2)
}
