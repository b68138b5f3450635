/** From the callback to who it is: one token call, a signed ID token, and user info where that names no address. */
import {
  allowInsecureRequests,
  authorizationCodeGrantRequest,
  AuthorizationResponseError,
  customFetch,
  OperationProcessingError,
  processAuthorizationCodeResponse,
  processUserInfoResponse,
  ResponseBodyError,
  type TokenEndpointResponse,
  UnsupportedOperationError,
  userInfoRequest,
  validateAuthResponse,
  WWWAuthenticateChallengeError,
} from "oauth4webapi"
import { KeySetUnavailable } from "../../callers/key-sets.ts"
import { TokenRefused, verifyIssuerToken } from "../../callers/verify-issuer-token.ts"
import { clientAuthentication } from "../../oauth/client-authentication.ts"
import { OutboundError } from "../../outbound/outbound.ts"
import type { OpenIdIssuer, OpenIdMetadata } from "./issuer.ts"
import { issuerUnavailable, providerRefused, returnRefused } from "./refusals.ts"

export interface OpenIdIdentity {
  readonly subject: string
  readonly email: string | null
  /** undefined: the provider does not say. */
  readonly emailVerified: boolean | undefined
  readonly name: string | null
}

export interface OpenIdReturn {
  readonly parameters: URLSearchParams
  readonly state: string
  readonly nonce: string
  readonly codeVerifier: string
  readonly redirectUri: string
}

type Claims = Readonly<Record<string, unknown>>

/** @throws AUTHORIZATION_REFUSED, AUTHORIZATION_DENIED, IDENTITY_ISSUER_UNAVAILABLE */
export async function proveIdentity(issuer: OpenIdIssuer, returned: OpenIdReturn): Promise<OpenIdIdentity> {
  const metadata = await issuer.metadata()
  try {
    const code = validateAuthResponse(metadata, issuer.client, returned.parameters, returned.state)
    const answer = await exchangeCode(issuer, metadata, returned, code)
    const claims = await verifiedClaims(issuer, metadata, answer)
    return identityOf(claims, await addressClaims(issuer, metadata, answer, claims))
  } catch (error) {
    throw refusalOf(issuer.settings.name, error)
  }
}

async function exchangeCode(
  { client, fetch, settings }: OpenIdIssuer,
  metadata: OpenIdMetadata,
  { codeVerifier, nonce, redirectUri }: OpenIdReturn,
  code: URLSearchParams,
): Promise<TokenEndpointResponse> {
  const methods = metadata.token_endpoint_auth_methods_supported
  // OpenID Connect Discovery section 3: without the list it is Basic.
  const isPost = methods?.includes("client_secret_post") === true && !methods.includes("client_secret_basic")
  const response = await authorizationCodeGrantRequest(
    metadata,
    client,
    clientAuthentication(isPost ? "post" : "basic", settings.clientSecret),
    code,
    redirectUri,
    codeVerifier,
    { [customFetch]: fetch, [allowInsecureRequests]: true },
  )
  const expected = { expectedNonce: nonce, requireIdToken: true }
  return processAuthorizationCodeResponse(metadata, client, response, expected)
}

/** The signature too: by the algorithms and keys that are taken from every issuer. */
async function verifiedClaims(
  { client, keySets }: OpenIdIssuer,
  metadata: OpenIdMetadata,
  { id_token: token = "" }: TokenEndpointResponse,
): Promise<Claims> {
  const expected = {
    issuer: metadata.issuer,
    audience: client.client_id,
    jwksUrl: metadata.jwks_uri,
    jwksJson: null,
  }
  // Tokens are dated by real time; the development clock may be ahead of it.
  return verifyIssuerToken({ keySets, clock: { now: () => Date.now() } }, expected, token)
}

/** Many providers put the address there alone (OpenID Connect Core section 5.4). */
async function addressClaims(
  { client, fetch }: OpenIdIssuer,
  metadata: OpenIdMetadata,
  { access_token: accessToken }: TokenEndpointResponse,
  claims: Claims,
): Promise<Claims> {
  if (claims["email"] !== undefined || metadata.userinfo_endpoint === undefined) return claims
  const options = { [customFetch]: fetch, [allowInsecureRequests]: true }
  const response = await userInfoRequest(metadata, client, accessToken, options)
  return processUserInfoResponse(metadata, client, String(claims["sub"]), response)
}

/** @param about where the address stands: what is said of it elsewhere does not count */
function identityOf(claims: Claims, about: Claims): OpenIdIdentity {
  const verified = about["email_verified"]
  return {
    subject: String(claims["sub"]),
    email: text(about["email"]),
    // Some providers write it as text; what is neither is not taken for a yes.
    emailVerified: verified === undefined ? undefined : verified === true || verified === "true",
    name: text(about["name"]) ?? text(claims["name"]),
  }
}

function text(value: unknown): string | null {
  return typeof value === "string" && value.trim() !== "" ? value.trim() : null
}

function refusalOf(name: string, error: unknown): unknown {
  if (error instanceof AuthorizationResponseError)
    return providerRefused(name, error.error, error.error_description)
  if (error instanceof ResponseBodyError)
    return error.status >= 500
      ? issuerUnavailable(name, error)
      : providerRefused(name, error.error, error.error_description)
  if (error instanceof OutboundError || error instanceof KeySetUnavailable)
    return issuerUnavailable(name, error)
  if (error instanceof TokenRefused)
    return returnRefused(`The ID token of ${name} was refused (${error.reason}).`, error)
  // The rest of what the protocol client refuses: another issuer, another nonce, a token that is over.
  if (error instanceof OperationProcessingError || error instanceof UnsupportedOperationError)
    return returnRefused(`What ${name} answered proves nothing.`, error)
  if (error instanceof WWWAuthenticateChallengeError)
    return returnRefused(`${name} did not take this server's credentials.`, error)
  return error
}
