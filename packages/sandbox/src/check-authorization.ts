/** What the authorization endpoint demands of a request before anybody sees a consent page. */
import type { OauthClient } from "./oauth-client.ts"
import type { Parameters } from "./parameters.ts"
import type { Problem } from "./problems.ts"
import { problem } from "./problems.ts"
import type { Sandbox } from "./sandbox.ts"
import { clientOf } from "./sandbox.ts"
import type { AskedPart } from "./service-profile.ts"
import type { Service } from "./service.ts"

export interface CheckedAuthorization {
  readonly kind: "checked"
  readonly client: OauthClient
  readonly redirectUri: string
  readonly params: Parameters
  readonly parts: readonly AskedPart[]
  readonly challenge: { readonly value: string; readonly method: string } | null
}

export type Authorization = CheckedAuthorization | { readonly kind: "refused"; readonly problem: Problem }

export function checkAuthorization(sandbox: Sandbox, service: Service, params: Parameters): Authorization {
  const clientId = params.get("client_id")
  if (clientId === undefined)
    return refused(problem("missing_parameter", "client_id is missing.", "client_id"))
  const client = clientOf(sandbox, service, clientId)
  if (!client)
    return refused(problem("unknown_client", `No OAuth client ${clientId.slice(0, 100)} is registered here.`))
  const redirectUri = params.get("redirect_uri")
  const wrong =
    redirectUriProblem(client, redirectUri) ??
    responseTypeProblem(service, params) ??
    pkceProblem(service, client, params) ??
    service.profile.checkAuthorization(params, client)
  if (wrong || redirectUri === undefined)
    return refused(wrong ?? problem("redirect_uri_missing", "redirect_uri is missing."))
  const parts = service.profile.askedParts(params)
  const unknown = unknownScope(service, parts)
  if (unknown !== null)
    return refused(problem("invalid_scope", `There is no scope ${unknown.slice(0, 200)}.`, "scope"))
  return {
    kind: "checked",
    client,
    redirectUri,
    params,
    parts,
    challenge: challengeOf(service, client, params),
  }
}

function refused(found: Problem): Authorization {
  return { kind: "refused", problem: found }
}

/** RFC 6749 section 3.1.2: absolute and without a fragment. */
function redirectUriProblem(client: OauthClient, redirectUri: string | undefined): Problem | null {
  if (redirectUri === undefined)
    return problem("redirect_uri_missing", "redirect_uri is missing.", "redirect_uri")
  const url = URL.canParse(redirectUri) ? new URL(redirectUri) : null
  if (
    !url ||
    !/^https?:$/.test(url.protocol) ||
    redirectUri.includes("#") ||
    url.username !== "" ||
    url.password !== ""
  ) {
    return problem(
      "redirect_uri_invalid",
      "redirect_uri must be an absolute http(s) URL without fragment and user.",
      "redirect_uri",
    )
  }
  if (client.redirectUris && !client.redirectUris.includes(redirectUri)) {
    return problem("redirect_uri_mismatch", "redirect_uri is not registered for this client.", "redirect_uri")
  }
  return null
}

function responseTypeProblem(service: Service, params: Parameters): Problem | null {
  const responseType = params.get("response_type")
  if (responseType === undefined && service.profile.responseTypeOptional) return null
  if (responseType === undefined)
    return problem("missing_parameter", "response_type is missing.", "response_type")
  return responseType === "code"
    ? null
    : problem("unsupported_response_type", "response_type must be code.", "response_type")
}

/** RFC 7636 section 4.4.1, as far as the provider goes along with it. */
function pkceProblem(service: Service, client: OauthClient, params: Parameters): Problem | null {
  const support = service.profile.pkce(client)
  const challenge = params.get("code_challenge")
  const method = params.get("code_challenge_method")
  if (support === "ignored") return null
  if (support === "rejected") {
    const sent = challenge !== undefined || method !== undefined
    return sent ? problem("pkce_not_allowed", "This client may not use PKCE.", "code_challenge") : null
  }
  if (challenge === undefined) {
    if (method !== undefined)
      return problem("missing_parameter", "code_challenge is missing.", "code_challenge")
    return support === "required"
      ? problem("pkce_required", "code_challenge is required.", "code_challenge")
      : null
  }
  if (!service.profile.pkceMethods.includes(method ?? "plain")) {
    const methods = service.profile.pkceMethods.join(" or ")
    return problem("pkce_method", `code_challenge_method must be ${methods}.`, "code_challenge_method")
  }
  return /^[A-Za-z0-9._~-]{43,128}$/.test(challenge)
    ? null
    : problem(
        "invalid_parameter",
        "code_challenge must be 43 to 128 unreserved characters.",
        "code_challenge",
      )
}

function challengeOf(
  service: Service,
  client: OauthClient,
  params: Parameters,
): CheckedAuthorization["challenge"] {
  const value = params.get("code_challenge")
  if (value === undefined || service.profile.pkce(client) === "ignored") return null
  return { value, method: params.get("code_challenge_method") ?? "plain" }
}

function unknownScope(service: Service, parts: readonly AskedPart[]): string | null {
  const scopes = parts.flatMap((part) => part.scopes)
  return (
    scopes.find((scope) => !service.knownScopes.has(scope) && !service.profile.plausibleScope(scope)) ?? null
  )
}
