/** The two token requests of RFC 6749: a code for a grant (section 4.1.3), a refresh token for a fresh one (section 6). */
import { type DialectContext, endpoint, type TokenPhase } from "@grantry/catalog"
import {
  allowInsecureRequests,
  type AuthorizationServer,
  authorizationCodeGrantRequest,
  customFetch,
  nopkce,
  processAuthorizationCodeResponse,
  processRefreshTokenResponse,
  refreshTokenGrantRequest,
  type TokenEndpointResponse,
} from "oauth4webapi"
import { OutboundError } from "../outbound/outbound.ts"
import { clientAuthentication } from "./client-authentication.ts"
import type { OAuthClient } from "./oauth-client.ts"
import { type IssuedGrant, judgeFailure, judgeOutboundError, retryAfterMs, type TokenOutcome } from "./outcome.ts"
import type { ProtocolClient } from "./protocol-client.ts"
import { type TranslatedFetch, translatedFetch } from "./translate.ts"

/** Longer than any provider's token lives: beyond it the number is nonsense. */
const maxExpiresInS = 100 * 365 * 86_400

export interface TokenRequestContext {
  readonly client: OAuthClient
  readonly redirectUri: string
  readonly scopes: readonly string[]
  readonly config: Readonly<Record<string, string>>
}

/** @param callback the callback's parameters, as `checkCallback` returned them */
export async function exchangeCode(
  protocol: ProtocolClient,
  context: TokenRequestContext,
  callback: URLSearchParams,
  codeVerifier: string | null,
): Promise<TokenOutcome> {
  const server = authorizationServer(context, "exchange")
  const standardClient = { client_id: context.client.clientId }
  return requestToken(protocol, context, "exchange", async (translated) => {
    const response = await authorizationCodeGrantRequest(
      server,
      standardClient,
      authenticationOf(context.client),
      callback,
      context.redirectUri,
      codeVerifier ?? nopkce,
      // The address check belongs to `outbound`, which knows the operator's allow list.
      { [customFetch]: translated.fetch, [allowInsecureRequests]: true },
    )
    return processAuthorizationCodeResponse(server, standardClient, response)
  })
}

export async function refreshGrant(
  protocol: ProtocolClient,
  context: TokenRequestContext,
  refreshToken: string,
): Promise<TokenOutcome> {
  const server = authorizationServer(context, "refresh")
  const standardClient = { client_id: context.client.clientId }
  const additional = context.client.definition.refresh?.sendRedirectUri ? { redirect_uri: context.redirectUri } : {}
  return requestToken(protocol, context, "refresh", async (translated) => {
    const response = await refreshTokenGrantRequest(server, standardClient, authenticationOf(context.client), refreshToken, {
      [customFetch]: translated.fetch,
      [allowInsecureRequests]: true,
      additionalParameters: additional,
    })
    return processRefreshTokenResponse(server, standardClient, response)
  })
}

async function requestToken(
  protocol: ProtocolClient,
  context: TokenRequestContext,
  phase: TokenPhase,
  send: (translated: TranslatedFetch) => Promise<TokenEndpointResponse>,
): Promise<TokenOutcome> {
  const translated = translatedFetch(protocol, context.client, dialectContext(context, phase))
  try {
    const answer = await send(translated)
    return issuedGrant(answer, translated)
  } catch (error) {
    return judgeError(error, translated, protocol.now())
  }
}

function judgeError(error: unknown, { seen }: TranslatedFetch, now: number): TokenOutcome {
  if (error instanceof OutboundError) return judgeOutboundError(error)
  if (seen === undefined) throw error
  if (seen.read.kind !== "granted") {
    return judgeFailure(seen.read, retryAfterMs(seen.wire.headers["retry-after"], now))
  }
  // A 200 whose values are of the wrong kind: an access token that is no text, an expires_in that is no number.
  return { kind: "malformed", code: "malformed_answer", message: "the token answer holds values of the wrong kind", retryAfterMs: null }
}

function issuedGrant(answer: TokenEndpointResponse, { seen }: TranslatedFetch): TokenOutcome {
  const expiresInS = answer.expires_in ?? null
  if (expiresInS !== null && (expiresInS <= 0 || expiresInS > maxExpiresInS)) {
    const message = `the token answer's expires_in is ${expiresInS} seconds, which cannot be`
    return { kind: "malformed", code: "malformed_answer", message, retryAfterMs: null }
  }
  const grant: IssuedGrant = {
    accessToken: answer.access_token,
    refreshToken: answer.refresh_token ?? null,
    expiresInS,
    scopes: answer.scope === undefined ? null : answer.scope.split(" ").filter((scope) => scope !== ""),
    json: seen?.read.kind === "granted" ? seen.read.json : undefined,
  }
  return { kind: "ok", grant }
}

function authorizationServer(context: TokenRequestContext, phase: TokenPhase): AuthorizationServer {
  const { definition } = context.client
  const template = (phase === "refresh" ? definition.refresh?.url : null) ?? definition.token.url
  const url = endpoint(definition, template, context.config).href
  return { issuer: definition.authorize.issuer ?? new URL(url).origin, token_endpoint: url }
}

function authenticationOf(client: OAuthClient) {
  return clientAuthentication(client.definition.token.clientAuth, client.clientSecret)
}

function dialectContext(context: TokenRequestContext, phase: TokenPhase): DialectContext {
  const { client, redirectUri, scopes, config } = context
  return { phase, clientId: client.clientId, clientSecret: client.clientSecret, redirectUri, scopes, config }
}
