/** Calendly: https://developer.calendly.com/docs/authentication/ */
import { randomBytes } from "node:crypto"
import { exchangeCode } from "../exchange-code.ts"
import { grantOf, tokensOf } from "../grants.ts"
import type { Problem } from "../problems.ts"
import { problem, standardError, standardStatus } from "../problems.ts"
import { refreshTokens } from "../refresh-tokens.ts"
import type { Reply } from "../reply.ts"
import { emptyReply, jsonReply } from "../reply.ts"
import type { Sandbox } from "../sandbox.ts"
import type { Bearer, GrantHandler, ServiceProfile, TokenAnswerFacts } from "../service-profile.ts"
import type { Service } from "../service.ts"
import { apiFacts } from "../standard-answers.ts"
import type { TokenRequest } from "../token-outcome.ts"
import { refusedToken } from "../token-outcome.ts"
import type { TestAccount } from "../test-accounts.ts"
import { paddedNumber } from "../test-accounts.ts"

/** Of one person, whatever the grant: https://developer.calendly.com/api-docs/overview/rate-limits */
const tokensPerMinute = 8

export function calendlyProfile(standard: ServiceProfile): ServiceProfile {
  return {
    ...standard,
    clientAuth: ["basic", "post"],
    grantTypes: { authorization_code: limited(exchangeCode), refresh_token: limited(refreshTokens) },
    plausibleScope: (scope) => /^[a-z_]+:(read|write)$/.test(scope),
    mint,
    tokenAnswer,
    tokenProblem: (found, call) =>
      found.kind === "rate_limited" ? tooMany(found) : standard.tokenProblem(found, call),
    // RFC 7009 section 2.2; a request without a token is a bad one.
    revocationProblem: (found, call) =>
      found.kind.startsWith("token_") && found.kind !== "token_missing"
        ? emptyReply(200, found.kind)
        : standard.tokenProblem(found, call),
    identity,
    apiAnswer: (bearer, call) => jsonReply(200, { resource: apiFacts(bearer, call.url.pathname) }),
    apiProblem,
  }
}

function limited(handle: GrantHandler): GrantHandler {
  return (sandbox, service, request) => {
    const email = presentedBy(sandbox, service, request)
    return email !== null && tokensOfLastMinute(sandbox, service, email) >= tokensPerMinute
      ? refusedToken(problem("rate_limited", "Eight tokens a minute are all that a person gets."))
      : handle(sandbox, service, request)
  }
}

function presentedBy({ store }: Sandbox, service: Service, { params }: TokenRequest): string | null {
  const code = store.codes.get(params.get("code") ?? "")
  if (code?.realm === service.realm) return code.email
  const token = store.tokens.get(params.get("refresh_token") ?? "")
  return (token && grantOf(store, token)?.email) ?? null
}

function tokensOfLastMinute({ clock, store }: Sandbox, service: Service, email: string): number {
  const grants = [...store.grants.values()].filter(
    (grant) => grant.realm === service.realm && grant.email === email,
  )
  const since = clock.now() - 60_000
  return grants
    .flatMap((grant) => tokensOf(store, grant))
    .filter(({ issuedAtMs, kind }) => kind === "access" && issuedAtMs > since).length
}

function mint(kind: "code" | "access" | "refresh"): string {
  const secret = (bytes: number) => randomBytes(bytes).toString("base64url")
  return kind === "access" ? `${secret(60)}.${secret(300)}.${secret(256)}` : secret(32)
}

function ownerOf(account: TestAccount): string {
  return `https://api.calendly.com/users/SANDBOX${paddedNumber(account, 9)}`
}

/** Ada and Grace work for one organisation. */
function organizationOf(account: TestAccount): string {
  return `https://api.calendly.com/organizations/SANDBOX00000000${account.number <= 2 ? 1 : 2}`
}

function tokenAnswer({ account, issued, nowMs }: TokenAnswerFacts): Reply {
  const { access, expiresInS, refresh } = issued[0] ?? {}
  return jsonReply(200, {
    token_type: "Bearer",
    access_token: access?.value,
    ...(refresh ? { refresh_token: refresh.value } : {}),
    scope: access?.scopes.join(" "),
    created_at: Math.floor(nowMs / 1000),
    ...(expiresInS === null ? {} : { expires_in: expiresInS }),
    owner: ownerOf(account),
    organization: organizationOf(account),
  })
}

/** The profile is for those who may read it. */
function identity({ account, token }: Bearer): Reply {
  if (!token.scopes.includes("users:read") && !token.scopes.includes("default")) {
    const body = { title: "Permission Denied", message: "The token has no scope users:read." }
    return jsonReply(403, body, "scope_missing")
  }
  const resource = {
    uri: ownerOf(account),
    name: account.name,
    slug: account.givenName.toLowerCase(),
    email: account.email,
    scheduling_url: `https://calendly.com/${account.givenName.toLowerCase()}`,
    timezone: "Etc/UTC",
    current_organization: organizationOf(account),
  }
  return jsonReply(200, { resource })
}

function apiProblem(found: Problem): Reply {
  if (found.kind === "rate_limited") return tooMany(found)
  const status = standardStatus(found.kind)
  const title = status === 401 ? "Unauthenticated" : standardError(found.kind)
  return jsonReply(status, { title, message: found.detail }, found.kind)
}

function tooMany(found: Problem): Reply {
  const headers = {
    "x-ratelimit-limit": String(tokensPerMinute),
    "x-ratelimit-remaining": "0",
    "x-ratelimit-reset": "60",
  }
  return jsonReply(429, { title: "Too Many Requests", message: found.detail }, found.kind, headers)
}
