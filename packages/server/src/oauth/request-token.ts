/** The two token requests of RFC 6749: a code for a grant (section 4.1.3), a refresh token for a fresh one (section 6). */
import { type DialectContext, endpoint, type ReadAnswer, type TokenPhase } from "@grantry/catalog"
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
import { basicCredentials, clientAuthentication, formEncoded } from "./client-authentication.ts"
import type { OAuthClient } from "./oauth-client.ts"
import { hideSecrets } from "./known-secrets.ts"
import {
  type IssuedGrant,
  judgeFailure,
  judgeOutboundError,
  retryAfterMs,
  type TokenOutcome,
} from "./outcome.ts"
import type { ProtocolClient } from "./protocol-client.ts"
import { type TranslatedFetch, translatedFetch } from "./translate.ts"

/** RFC 6749 appendices A.12 and A.17: a line break in a token would end the header that carries it. */
const tokenText = /^[\x20-\x7e]+$/

/** The appendices allow blanks alone, but nobody means them: such a refresh token would take the place of one that works. */
const isBlank = (text: string): boolean => text.trim() === ""

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
  const sent = [callback.get("code"), codeVerifier]
  return requestToken(protocol, { ...context, phase: "exchange", sent }, async (translated) => {
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

export interface RefreshContext extends TokenRequestContext {
  /** null or absent: the provider never said. */
  readonly grantedScopes?: readonly string[] | null
}

export async function refreshGrant(
  protocol: ProtocolClient,
  context: RefreshContext,
  refreshToken: string,
): Promise<TokenOutcome> {
  const server = authorizationServer(context, "refresh")
  const standardClient = { client_id: context.client.clientId }
  return requestToken(
    protocol,
    { ...context, phase: "refresh", sent: [refreshToken] },
    async (translated) => {
      const response = await refreshTokenGrantRequest(
        server,
        standardClient,
        authenticationOf(context.client),
        refreshToken,
        {
          [customFetch]: translated.fetch,
          [allowInsecureRequests]: true,
          additionalParameters: additionalToRefresh(context),
        },
      )
      return processRefreshTokenResponse(server, standardClient, response)
    },
  )
}

function additionalToRefresh({ client, grantedScopes, redirectUri }: RefreshContext): Record<string, string> {
  const { authorize, refresh } = client.definition
  const scope = grantedScopes?.join(authorize.scopeSeparator) ?? ""
  return {
    ...(refresh?.sendRedirectUri === true && { redirect_uri: redirectUri }),
    ...(refresh?.sendScopes === true && scope !== "" && { scope }),
  }
}

interface TokenRequest extends TokenRequestContext {
  readonly phase: TokenPhase
  /** Secrets of this request besides the client's own. */
  readonly sent: readonly (string | null)[]
}

async function requestToken(
  protocol: ProtocolClient,
  request: TokenRequest,
  send: (translated: TranslatedFetch) => Promise<TokenEndpointResponse>,
): Promise<TokenOutcome> {
  const translated = translatedFetch(protocol, request.client, dialectContext(request))
  try {
    const answer = await send(translated)
    return issuedGrant(answer, translated)
  } catch (error) {
    return judgeError(error, translated, { now: protocol.now(), secrets: secretsOf(request) })
  }
}

function secretsOf({ client, sent }: TokenRequest): readonly (string | null)[] {
  const { clientId, clientSecret } = client
  const headers = [
    basicCredentials(clientId, clientSecret),
    basicCredentials(formEncoded(clientId), formEncoded(clientSecret)),
  ]
  return [...sent, clientSecret, ...headers.map((header) => header.slice("Basic ".length))]
}

interface Judging {
  readonly now: number
  readonly secrets: readonly (string | null)[]
}

function judgeError(error: unknown, { seen }: TranslatedFetch, { now, secrets }: Judging): TokenOutcome {
  if (error instanceof OutboundError) return judgeOutboundError(error)
  if (seen === undefined) throw error
  if (seen.read.kind !== "granted") {
    return judgeFailure(
      withoutSecrets(seen.read, secrets),
      retryAfterMs(seen.wire.headers["retry-after"], now),
    )
  }
  return malformed("the token answer holds values of the wrong kind")
}

/** Before anything is cut: the half of a secret would no longer be recognized. */
function withoutSecrets<T extends Exclude<ReadAnswer, { kind: "granted" }>>(
  read: T,
  secrets: readonly (string | null)[],
): T {
  if (read.kind === "unreadable") return read
  const hide = (text: string | null): string | null => text && hideSecrets(text, secrets)
  return { ...read, providerError: hide(read.providerError), description: hide(read.description) }
}

function malformed(message: string): TokenOutcome {
  return { kind: "malformed", code: "malformed_answer", message, retryAfterMs: null }
}

function issuedGrant(answer: TokenEndpointResponse, { seen }: TranslatedFetch): TokenOutcome {
  const expiresInS = answer.expires_in ?? null
  if (expiresInS !== null && (expiresInS < 1 || expiresInS > maxExpiresInS)) {
    return malformed(`the token answer's expires_in is ${expiresInS} seconds, which cannot be`)
  }
  const accessToken = answer.access_token
  const refreshToken = isBlank(answer.refresh_token ?? "") ? null : (answer.refresh_token ?? null)
  if (
    isBlank(accessToken) ||
    ![accessToken, refreshToken ?? accessToken].every((token) => tokenText.test(token))
  ) {
    return malformed("the token answer holds a token with characters that no token may have")
  }
  const grant: IssuedGrant = {
    accessToken,
    refreshToken,
    expiresInS,
    scopes: answer.scope === undefined ? null : answer.scope.split(" ").filter((scope) => scope !== ""),
    json: seen?.read.kind === "granted" ? seen.read.json : undefined,
  }
  return { kind: "ok", grant }
}

function authorizationServer(context: TokenRequestContext, phase: TokenPhase): AuthorizationServer {
  const { definition } = context.client
  const template = (phase === "refresh" ? definition.refresh?.url : null) ?? definition.token.url
  const url = endpoint(definition, template, { ...context.config, ...context.client.ownConfig }).href
  return { issuer: definition.authorize.issuer ?? new URL(url).origin, token_endpoint: url }
}

function authenticationOf(client: OAuthClient) {
  return clientAuthentication(client.definition.token.clientAuth, client.clientSecret)
}

function dialectContext({ client, phase, redirectUri, scopes, config: given }: TokenRequest): DialectContext {
  const config = { ...given, ...client.ownConfig }
  return { phase, clientId: client.clientId, clientSecret: client.clientSecret, redirectUri, scopes, config }
}
