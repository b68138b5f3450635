/** Microsoft Entra and Graph: https://learn.microsoft.com/entra/identity-platform/v2-oauth2-auth-code-flow */
import { randomBytes, randomInt } from "node:crypto"
import type { OauthClient } from "../oauth-client.ts"
import { settingNumber, switchedOn } from "../oauth-client.ts"
import type { Parameters } from "../parameters.ts"
import type { Problem } from "../problems.ts"
import { problem } from "../problems.ts"
import type { Reply } from "../reply.ts"
import { jsonReply } from "../reply.ts"
import type { Bearer, Consent, ServiceProfile, TokenAnswerFacts } from "../service-profile.ts"
import { apiFacts } from "../standard-answers.ts"
import { splitScopes } from "../standard-profile.ts"
import { accountUuid } from "../test-accounts.ts"
import {
  callbackRefusal,
  graphError,
  graphProblem,
  interactionDemand,
  tokenProblem,
} from "./microsoft-errors.ts"
import { idToken, tenantOf } from "./microsoft-id-token.ts"

export function microsoftProfile(standard: ServiceProfile): ServiceProfile {
  return {
    ...standard,
    clientAuth: ["post", "basic"],
    pkceMethods: ["S256", "plain"],
    settings: { ...standard.settings, ...settings },
    plausibleScope: (scope) => isGraphScope(scope) || /^(https|api):\/\/[\w.-]+\/[\w.-]+$/.test(scope),
    // Consents of a person to an app add up.
    scopesAccumulate: true,
    askedParts: (params) => [{ part: "main", scopes: askedScopes(params) }],
    checkAuthorization,
    authorizationRefusal: callbackRefusal,
    callbackParams: () => ({ session_state: randomBytes(16).toString("hex") }),
    mint,
    subject: (account) => accountUuid(account, "entra-object"),
    accessLifetimeS,
    refreshLifetimeS: (client) => settingNumber(client, "refresh_token_lifetime_s"),
    givesRefreshToken: asksForOfflineAccess,
    tokenAnswer,
    tokenProblem,
    identity,
    apiAnswer: (bearer, call) =>
      call.url.pathname === "/v1.0/sites/root"
        ? rootSite(bearer)
        : jsonReply(200, apiFacts(bearer, call.url.pathname)),
    apiProblem: graphProblem,
  }
}

const ninetyDaysS = 90 * 86_400
const shortestLifeS = 3599
const longestLifeS = 5399

const settings: ServiceProfile["settings"] = {
  access_token_lifetime_s: {
    initial: null,
    kind: "seconds",
    meaning: "life of an access token; null: drawn anew for each between 60 and 90 minutes",
  },
  refresh_token_lifetime_s: {
    initial: ninetyDaysS,
    kind: "seconds",
    meaning: "life of a refresh token; each refresh gives a fresh one",
  },
  long_scope_names: {
    initial: false,
    kind: "switch",
    meaning: "answers name scopes of Graph with their resource",
  },
  require_mfa: {
    initial: false,
    kind: "switch",
    meaning: "a new rule demands a second factor: refreshes answer interaction_required",
  },
}

function accessLifetimeS(client: OauthClient): number {
  return settingNumber(client, "access_token_lifetime_s") ?? randomInt(shortestLifeS, longestLifeS + 1)
}

const graph = "https://graph.microsoft.com/"

/** A name without a resource belongs to Graph; case does not matter. */
const graphName = /^([a-z]+(\.[a-z]+)*(-[a-z]+)*|\.default)$/i

const openIdScopes: ReadonlySet<string> = new Set(["openid", "profile", "email", "offline_access"])

function bareName(scope: string): string {
  return scope.toLowerCase().startsWith(graph) ? scope.slice(graph.length) : scope
}

function isGraphScope(scope: string): boolean {
  return graphName.test(bareName(scope))
}

function askedScopes(params: Parameters): string[] {
  return splitScopes(params.get("scope") ?? "", " ")
}

function checkAuthorization(params: Parameters): Problem | null {
  const scopes = askedScopes(params)
  if (scopes.length === 0) return problem("missing_parameter", "scope is missing.", "scope")
  const permissions = scopes.filter((scope) => !openIdScopes.has(scope.toLowerCase()))
  if (permissions.length > 1 && permissions.some((scope) => scope.endsWith(".default"))) {
    return problem("invalid_scope", ".default cannot be combined with single permissions.", "scope")
  }
  if (!["query", "fragment", "form_post"].includes(params.get("response_mode") ?? "query")) {
    return problem("invalid_parameter", "response_mode is not supported.", "response_mode")
  }
  return promptProblem(params.get("prompt"))
}

function promptProblem(prompt: string | undefined): Problem | null {
  if (prompt === "none") return problem("interaction_required", "Nobody is signed in in this browser.")
  return prompt === undefined || ["login", "consent", "select_account"].includes(prompt)
    ? null
    : problem("invalid_parameter", "prompt is not supported.", "prompt")
}

function mint(kind: "code" | "access" | "refresh"): string {
  const secret = randomBytes(48).toString("base64url")
  if (kind === "access") return `eyJ0eXAiOiJKV1QiLCJhbGciOiJSUzI1NiJ9.${secret}.${secret.slice(0, 22)}`
  return kind === "code" ? `1.AXkA${secret}.AgABBAIAAAD` : `1.AXkA${secret}`
}

function asksForOfflineAccess({ scopes }: Consent): boolean {
  return scopes.some((scope) => scope.toLowerCase() === "offline_access")
}

function tokenAnswer(facts: TokenAnswerFacts): Reply {
  const { client, issued, phase } = facts
  if (phase === "refresh" && switchedOn(client, "require_mfa")) return interactionDemand(facts.nowMs)
  const [first] = issued
  if (!first) return jsonReply(500, { error: "server_error" }, "server_error")
  const { access, refresh, expiresInS } = first
  const isOpenId = access.scopes.some((scope) => scope.toLowerCase() === "openid")
  return jsonReply(200, {
    token_type: "Bearer",
    scope: reportedScopes(access.scopes, switchedOn(client, "long_scope_names")),
    expires_in: expiresInS,
    ext_expires_in: expiresInS,
    access_token: access.value,
    ...(refresh ? { refresh_token: refresh.value } : {}),
    ...(isOpenId ? { id_token: idToken(facts) } : {}),
  })
}

/** Those of the token's one resource, then those of OpenID Connect; offline_access is never told. */
function reportedScopes(scopes: readonly string[], withResource: boolean): string {
  const openId = scopes.filter(
    (scope) => openIdScopes.has(scope.toLowerCase()) && !/^offline_access$/i.test(scope),
  )
  const names = tokenScopes(scopes).toSorted()
  const spelled = withResource ? names.map((name) => (isGraphScope(name) ? graph + name : name)) : names
  return [...spelled, ...openId].join(" ")
}

/** A token is for one resource: that of the first permission. */
function tokenScopes(scopes: readonly string[]): string[] {
  const permissions = scopes.filter((scope) => !openIdScopes.has(scope.toLowerCase())).map(bareName)
  const [first] = permissions
  return first === undefined ? [] : permissions.filter((scope) => resourceOf(scope) === resourceOf(first))
}

function resourceOf(scope: string): string {
  return isGraphScope(scope) ? graph : new URL(scope).origin
}

function identity(bearer: Bearer): Reply {
  const { account, token } = bearer
  const names = tokenScopes(token.scopes).map((scope) => scope.toLowerCase())
  if (!names.some((name) => name.startsWith("user.read") || name.startsWith("directory."))) {
    return graphError(
      403,
      "Authorization_RequestDenied",
      "Insufficient privileges to complete the operation.",
    )
  }
  return jsonReply(200, {
    "@odata.context":
      "https://graph.microsoft.com/v1.0/$metadata#users(id,displayName,mail,userPrincipalName)/$entity",
    id: accountUuid(account, "entra-object"),
    displayName: account.name,
    // A personal account has no mail address of its own in Graph.
    mail: tenantOf(account).personal ? null : account.email,
    userPrincipalName: account.email,
  })
}

/** The main site of an organisation: nothing that a personal account or a token without sites has. */
function rootSite({ account, token }: Bearer): Reply {
  const names = tokenScopes(token.scopes).map((scope) => scope.toLowerCase())
  const readsSites = names.some((name) => /^sites\.(?!selected$)/.test(name))
  if (tenantOf(account).personal || !readsSites) return graphError(403, "accessDenied", "Access denied")
  return jsonReply(200, {
    "@odata.context": "https://graph.microsoft.com/v1.0/$metadata#sites/$entity",
    siteCollection: { hostname: "contoso.sharepoint.com" },
    webUrl: "https://contoso.sharepoint.com",
  })
}
