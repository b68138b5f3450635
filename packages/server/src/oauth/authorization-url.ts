/** The authorization request (RFC 6749 section 4.1.1, RFC 7636 section 4.3). */
import { endpoint } from "@grantry/catalog"
import { calculatePKCECodeChallenge } from "oauth4webapi"
import type { ProviderAddress } from "./oauth-client.ts"
import type { TokenRequestContext } from "./request-token.ts"

export interface AuthorizationRequest extends TokenRequestContext {
  readonly state: string
  /** null where the provider does not take PKCE. */
  readonly codeVerifier: string | null
  readonly loginHint: string | null
}

/** Where to send the person's browser. */
export async function authorizationUrl(
  address: ProviderAddress,
  request: AuthorizationRequest,
): Promise<URL> {
  const { client, redirectUri, scopes } = request
  const { definition } = client
  const config = { ...request.config, ...client.ownConfig }
  const params = await standardParams(request)
  const context = { clientId: client.clientId, redirectUri, scopes, config }
  const wireParams = definition.dialect.authorizationParams?.(params, context) ?? params
  const url = endpoint(definition, definition.authorize.url, config)
  for (const [name, value] of Object.entries(wireParams)) url.searchParams.set(name, value)
  return address(client, url, "front")
}

async function standardParams(request: AuthorizationRequest): Promise<Record<string, string>> {
  const { client, codeVerifier, loginHint, redirectUri, state } = request
  const { authorize } = client.definition
  const params: Record<string, string> = {
    response_type: "code",
    client_id: client.clientId,
    redirect_uri: redirectUri,
    state,
    ...authorize.extraParams,
  }
  const scopes = askedScopes(request)
  if (authorize.scopeParam !== null && scopes.length > 0)
    params[authorize.scopeParam] = scopes.join(authorize.scopeSeparator)
  if (codeVerifier !== null) {
    params["code_challenge"] = await calculatePKCECodeChallenge(codeVerifier)
    params["code_challenge_method"] = "S256"
  }
  if (loginHint !== null && authorize.loginHintParam !== null) params[authorize.loginHintParam] = loginHint
  return params
}

/** The connector's own scopes and those that the entry always needs. */
export function askedScopes({
  client,
  scopes,
}: Pick<AuthorizationRequest, "client" | "scopes">): readonly string[] {
  return [...new Set([...scopes, ...client.definition.authorize.alwaysScopes])]
}

export function takesPkce(client: AuthorizationRequest["client"]): boolean {
  const { pkce } = client.definition.authorize
  return pkce === "required" || pkce === "supported"
}
