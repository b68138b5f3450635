/** Instagram: https://developers.facebook.com/docs/instagram-platform/instagram-api-with-instagram-login/business-login */
import { randomBytes } from "node:crypto"
import type { Fault } from "../faults.ts"
import type { Token } from "../grants.ts"
import { addToken, grantOf } from "../grants.ts"
import type { OauthClient } from "../oauth-client.ts"
import { settingNumber, switchedOn } from "../oauth-client.ts"
import type { Problem } from "../problems.ts"
import { problem, standardStatus } from "../problems.ts"
import type { Reply } from "../reply.ts"
import { jsonReply } from "../reply.ts"
import type { Sandbox } from "../sandbox.ts"
import { clientOf } from "../sandbox.ts"
import type { Bearer, ProviderCall, ServiceProfile, TokenAnswerFacts } from "../service-profile.ts"
import type { Service } from "../service.ts"
import { apiFacts } from "../standard-answers.ts"
import type { TestAccount } from "../test-accounts.ts"
import { paddedNumber } from "../test-accounts.ts"

const shortLifeS = 3600
const dayMs = 86_400_000

export function instagramProfile(standard: ServiceProfile): ServiceProfile {
  return {
    ...standard,
    clientAuth: ["post"],
    settings: {
      ...standard.settings,
      access_token_lifetime_s: {
        initial: 5_184_000,
        kind: "seconds",
        meaning: "life of a long-lived access token",
      },
      flat_answers: {
        initial: false,
        kind: "switch",
        meaning: "the exchange answers without data[0], with an array of permissions and the id as a number",
      },
    },
    callbackFragment: "_",
    codeLifetimeS: 3600,
    mint: (kind) => `${kind === "code" ? "AQ" : "IGAA"}${randomBytes(60).toString("base64url")}`,
    accessLifetimeS: () => shortLifeS,
    givesRefreshToken: () => false,
    tokenAnswer,
    tokenProblem,
    furtherTokenEndpoints: [
      { method: "GET", url: "https://graph.instagram.com/access_token", endpoint: "token", answer: lengthen },
      {
        method: "GET",
        url: "https://graph.instagram.com/refresh_access_token",
        endpoint: "refresh",
        answer: renew,
      },
    ],
    bearerInQuery: true,
    identity,
    apiAnswer: (bearer, call) => jsonReply(200, apiFacts(bearer, call.url.pathname)),
    apiProblem,
  }
}

/** Longer than any number that JSON readers keep exactly. */
function userId(account: TestAccount): string {
  return `1784140000${paddedNumber(account, 7).slice(-7)}`
}

/** A short-lived token and no time; the id as an unquoted number where the answer is flat. */
function tokenAnswer({ account, client, issued }: TokenAnswerFacts): Reply {
  const access = issued[0]?.access
  const token = JSON.stringify(access?.value)
  const scopes = access?.scopes ?? []
  const body = switchedOn(client, "flat_answers")
    ? `{"access_token":${token},"user_id":${userId(account)},"permissions":${JSON.stringify(scopes)}}`
    : `{"data":[{"access_token":${token},"user_id":"${userId(account)}","permissions":"${scopes.join(",")}"}]}`
  return { ...jsonReply(200, {}), body }
}

/** From an hour to sixty days. The client is known by the token; its secret must be right. */
function lengthen(sandbox: Sandbox, service: Service, call: ProviderCall, fault: Fault | null): Reply {
  const query = call.url.searchParams
  if (query.get("grant_type") !== "ig_exchange_token")
    return graphError(problem("unsupported_grant_type", "grant_type must be ig_exchange_token."))
  const presented = presentedToken(sandbox, service, query.get("access_token"))
  if ("kind" in presented) return graphError(presented)
  if (fault?.name === "wrong_client" || query.get("client_secret") !== presented.client.clientSecret)
    return graphError(problem("wrong_secret", "Error validating client secret."))
  if (isLongLived(presented.token)) return graphError(problem("invalid_parameter", "Unsupported request"))
  return longLived(sandbox, service, presented)
}

/** No client is named; the token must be a day old and alive. */
function renew(sandbox: Sandbox, service: Service, call: ProviderCall, fault: Fault | null): Reply {
  const query = call.url.searchParams
  if (query.get("grant_type") !== "ig_refresh_token")
    return graphError(problem("unsupported_grant_type", "grant_type must be ig_refresh_token."))
  const presented = presentedToken(sandbox, service, query.get("access_token"))
  if ("kind" in presented) return graphError(presented)
  const wrong = renewalProblem(sandbox, presented.token, fault)
  if (wrong) return graphError(wrong)
  const same = fault?.name === "same_token_on_refresh"
  const permissions = presented.token.scopes.join(",")
  return longLived(sandbox, service, { ...presented, same, further: { permissions } })
}

function renewalProblem(sandbox: Sandbox, token: Token, fault: Fault | null): Problem | null {
  if (fault?.name === "wrong_client") return problem("wrong_secret", "Error validating application.")
  if (fault?.name === "invalid_grant" || fault?.name === "refresh_reuse")
    return problem("token_revoked", "Error validating access token: The session has been invalidated.")
  if (!isLongLived(token)) return problem("invalid_parameter", "Only long-lived tokens can be refreshed.")
  if (sandbox.clock.now() < token.issuedAtMs + dayMs)
    return problem("invalid_parameter", "The token is younger than 24 hours.")
  return token.scopes.includes("instagram_business_basic")
    ? null
    : problem("invalid_parameter", "instagram_business_basic is required.")
}

interface Presented {
  readonly token: Token
  readonly client: OauthClient
  /** The same token with a new term instead of a new one. */
  readonly same?: boolean
  /** What the answer tells besides. */
  readonly further?: Readonly<Record<string, string>>
}

function presentedToken(sandbox: Sandbox, service: Service, value: string | null): Presented | Problem {
  const token = value === null ? undefined : sandbox.store.tokens.get(value)
  const grant = token && grantOf(sandbox.store, token)
  const client = grant && clientOf(sandbox, service, grant.clientId)
  if (!token || !client)
    return problem("token_unknown", "Invalid OAuth access token - Cannot parse access token")
  if (token.revoked)
    return problem("token_revoked", "Error validating access token: The session has been invalidated.")
  return token.expiresAtMs !== null && sandbox.clock.now() >= token.expiresAtMs
    ? problem("token_expired", "Error validating access token: Session has expired.")
    : { token, client }
}

function isLongLived(token: Token): boolean {
  return token.expiresAtMs === null || token.expiresAtMs - token.issuedAtMs > shortLifeS * 1000
}

/** The token before lives on until its own end. */
function longLived(sandbox: Sandbox, service: Service, presented: Presented): Reply {
  const { client, further = {}, same = false, token } = presented
  const grant = grantOf(sandbox.store, token)
  const lifetimeS = settingNumber(client, "access_token_lifetime_s")
  const issuedAtMs = sandbox.clock.now()
  const value = same ? token.value : service.profile.mint("access", "main", client)
  const expiresAtMs = lifetimeS === null ? null : issuedAtMs + lifetimeS * 1000
  if (same) token.expiresAtMs = expiresAtMs
  else if (grant) addToken(sandbox.store, grant, { ...token, value, issuedAtMs, expiresAtMs })
  return jsonReply(200, {
    access_token: value,
    token_type: "bearer",
    ...(lifetimeS === null ? {} : { expires_in: lifetimeS }),
    ...further,
  })
}

/** api.instagram.com and graph.instagram.com each have a shape of their own. */
function tokenProblem(found: Problem): Reply {
  const status = standardStatus(found.kind)
  if (status === 429 || status >= 500) return apiProblem(found)
  const messages: Readonly<Record<string, string>> = {
    unknown_client: "Invalid platform app",
    wrong_secret: "Error validating client secret.",
    wrong_client_authentication: "Error validating client secret.",
    code_unknown: "Matching code was not found or was already used",
    code_used: "Matching code was not found or was already used",
    code_of_other_client: "Matching code was not found or was already used",
    code_expired: "This authorization code has expired",
    redirect_uri_mismatch:
      "Error validating verification code. Please make sure your redirect_uri is identical.",
  }
  const body = {
    error_type: "OAuthException",
    code: 400,
    error_message: messages[found.kind] ?? found.detail,
  }
  return jsonReply(400, body, found.kind)
}

function graphError(found: Problem): Reply {
  const token = found.kind.startsWith("token_")
  const code = token ? 190 : found.kind === "wrong_secret" ? 101 : 100
  const error = { message: found.detail, type: "OAuthException", code, fbtrace_id: "ASandbox" }
  return jsonReply(400, { error }, found.kind)
}

function identity({ account }: Bearer, call: ProviderCall): Reply {
  const asked = (call.url.searchParams.get("fields") ?? "id").split(",")
  const facts: Readonly<Record<string, string>> = {
    id: `26${paddedNumber(account, 14)}`,
    user_id: userId(account),
    username: account.givenName.toLowerCase(),
    account_type: "BUSINESS",
  }
  return jsonReply(
    200,
    Object.fromEntries(asked.flatMap((name) => (facts[name] === undefined ? [] : [[name, facts[name]]]))),
  )
}

/** Too many calls come at 403, trouble at 500. */
function apiProblem(found: Problem): Reply {
  if (found.kind === "rate_limited") {
    const error = { message: "Application request limit reached", type: "OAuthException", code: 4 }
    return jsonReply(403, { error }, found.kind)
  }
  if (found.kind !== "server_error") return graphError(found)
  const error = { message: "An unknown error has occurred.", type: "OAuthException", code: 2 }
  return jsonReply(500, { error }, found.kind)
}
