/** QuickBooks Online: https://developer.intuit.com/app/developer/qbo/docs/develop/authentication-and-authorization/oauth-2.0 */
import { randomBytes, randomUUID } from "node:crypto"
import { settingNumber } from "../oauth-client.ts"
import type { Parameters } from "../parameters.ts"
import type { Problem, ProblemKind } from "../problems.ts"
import { problem, standardError, standardStatus } from "../problems.ts"
import type { Reply } from "../reply.ts"
import { emptyReply, jsonReply, textReply } from "../reply.ts"
import type { Bearer, ProviderCall, ServiceProfile, TokenAnswerFacts } from "../service-profile.ts"
import { apiFacts } from "../standard-answers.ts"
import type { TestAccount } from "../test-accounts.ts"
import { paddedNumber } from "../test-accounts.ts"

const dayMs = 86_400_000

export function quickbooksProfile(standard: ServiceProfile): ServiceProfile {
  return {
    ...standard,
    clientAuth: ["basic"],
    settings: {
      ...standard.settings,
      refresh_token_lifetime_s: {
        initial: 8_726_400,
        kind: "seconds",
        meaning: "life of a refresh token; each use of one that has changed begins it anew",
      },
      reuse_ends_grant: {
        initial: true,
        kind: "switch",
        meaning: "presenting a refresh token that has been replaced ends the whole connection",
      },
    },
    checkAuthorization,
    callbackParams: ({ account }) => ({ realmId: realmOf(account) }),
    mint,
    subject: realmOf,
    // The value changes once a day; until then answers repeat it.
    rotates: (_client, presented, nowMs) => nowMs - presented.issuedAtMs >= dayMs,
    echoesRefreshToken: true,
    tokenAnswer,
    tokenProblem,
    revocationAnswer: () => emptyReply(200),
    identity,
    apiAnswer: (bearer, call) => inCompany(bearer, call, apiFacts(bearer, call.url.pathname)),
    apiProblem,
  }
}

function checkAuthorization(params: Parameters): Problem | null {
  if (!params.has("scope")) return problem("missing_parameter", "The scope parameter is missing.", "scope")
  return params.has("state") ? null : problem("missing_parameter", "The state parameter is missing.", "state")
}

/** Ada and Grace share a company. */
function realmOf(account: TestAccount): string {
  return `9341453${paddedNumber(account.number <= 2 ? { ...account, number: 1 } : account, 9).slice(-9)}`
}

function mint(kind: "code" | "access" | "refresh"): string {
  if (kind === "access") return `eyJlbmMi${randomBytes(300).toString("base64url")}`
  return `${kind === "code" ? "XAB1" : "RT1-"}${randomBytes(28).toString("base64url")}`
}

/** Without the scopes, and with a lifetime under a name of Intuit's own. */
function tokenAnswer({ client, issued }: TokenAnswerFacts): Reply {
  const { access, expiresInS, refresh } = issued[0] ?? {}
  const lifetimeS = settingNumber(client, "refresh_token_lifetime_s")
  return jsonReply(200, {
    token_type: "bearer",
    ...(expiresInS === null ? {} : { expires_in: expiresInS }),
    ...(refresh ? { refresh_token: refresh.value } : {}),
    ...(refresh && lifetimeS !== null ? { x_refresh_token_expires_in: lifetimeS } : {}),
    access_token: access?.value,
  })
}

const descriptions: { readonly [kind in ProblemKind]?: string } = {
  refresh_token_dead: "Incorrect or invalid refresh token",
  refresh_token_reused: "Incorrect or invalid refresh token",
  refresh_token_of_other_client: "Incorrect Token type or clientID",
  code_unknown: "Invalid authorization code",
  code_used: "Invalid authorization code",
  code_expired: "Invalid authorization code",
  code_of_other_client: "Invalid authorization code",
}

function tokenProblem(found: Problem): Reply {
  const description = descriptions[found.kind]
  const body = {
    error: standardError(found.kind),
    ...(description === undefined ? {} : { error_description: description }),
  }
  const headers = {
    intuit_tid: randomUUID(),
    ...(found.kind === "rate_limited" ? { "retry-after": "30" } : {}),
  }
  return jsonReply(standardStatus(found.kind), body, found.kind, headers)
}

function identity(bearer: Bearer, call: ProviderCall): Reply {
  const { account } = bearer
  const name = account.number <= 2 ? "Acme Example Ltd" : `${account.familyName} ${account.number} Ltd`
  return inCompany(bearer, call, { CompanyInfo: { CompanyName: name, Id: "1", Country: "GB" }, time: "now" })
}

/** The token opens one company, at its own address; without Accept the answer is XML. */
function inCompany({ account, token }: Bearer, call: ProviderCall, body: unknown): Reply {
  if (!token.scopes.includes("com.intuit.quickbooks.accounting"))
    return fault(403, "3100", "ApplicationAuthorizationFailed")
  const realm = /\/company\/([^/]+)/.exec(call.url.pathname)?.[1]
  if (realm !== realmOf(account)) return fault(403, "3100", "ApplicationAuthorizationFailed")
  const wantsJson = call.headers.accept?.includes("application/json") === true
  return wantsJson ? jsonReply(200, body) : textReply(200, "<?xml version='1.0'?><IntuitResponse/>", "ok")
}

function fault(status: number, code: string, message: string, outcome = "insufficient_scope"): Reply {
  const body = { fault: { error: [{ message, detail: message, code }], type: "AUTHENTICATION" } }
  return jsonReply(status, body, outcome)
}

function apiProblem(found: Problem): Reply {
  const status = standardStatus(found.kind)
  return fault(status, status === 401 ? "3200" : "3001", found.detail, found.kind)
}
