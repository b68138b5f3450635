/** Airtable: https://airtable.com/developers/web/api/oauth-reference */
import { randomBytes } from "node:crypto"
import { exchangeCode } from "../exchange-code.ts"
import { newId } from "../grants.ts"
import type { Parameters } from "../parameters.ts"
import type { Problem } from "../problems.ts"
import { problem, standardError, standardStatus } from "../problems.ts"
import { collision, refreshUnlessRefused } from "../refused-refresh.ts"
import type { Reply } from "../reply.ts"
import { emptyReply, jsonReply } from "../reply.ts"
import type { Sandbox } from "../sandbox.ts"
import type { Bearer, ServiceProfile, TokenAnswerFacts } from "../service-profile.ts"
import type { Service } from "../service.ts"
import { apiFacts } from "../standard-answers.ts"
import type { TokenOutcome, TokenRequest } from "../token-outcome.ts"
import { refusedToken } from "../token-outcome.ts"
import type { TestAccount } from "../test-accounts.ts"
import { paddedNumber } from "../test-accounts.ts"

/** How long after a refresh another one of the same token collides; the reference says "recent". */
const collidesForS = 5
const refreshLifetimeS = 5_184_000

export function airtableProfile(standard: ServiceProfile): ServiceProfile {
  return {
    ...standard,
    clientAuth: ["basic"],
    grantTypes: {
      authorization_code: exchangeOrBurn,
      refresh_token: refreshUnlessRefused((reused) => collision(reused, collidesForS)),
    },
    settings: {
      ...standard.settings,
      refresh_token_lifetime_s: {
        initial: refreshLifetimeS,
        kind: "seconds",
        meaning: "life of a refresh token; every refresh gives a new one",
      },
    },
    plausibleScope: (scope) => /^(enterprise\.[a-zA-Z.]+|hyperDB\.records):(read|write|manage)$/.test(scope),
    checkAuthorization,
    mint,
    givesRefreshToken: () => true,
    refreshEndsAccess: true,
    tokenAnswer,
    tokenProblem: (found, call) =>
      found.kind === "refresh_collision" ? emptyReply(409, found.kind) : standard.tokenProblem(found, call),
    identity,
    apiAnswer: (bearer, call) => jsonReply(200, apiFacts(bearer, call.url.pathname)),
    apiProblem,
  }
}

/** The state is as mandatory as PKCE, and a scope may come once. */
function checkAuthorization(params: Parameters): Problem | null {
  if (!/^[A-Za-z0-9._-]{16,1024}$/.test(params.get("state") ?? ""))
    return problem("invalid_parameter", "state must be 16 to 1,024 of A-Z a-z 0-9 . - _.", "state")
  const scopes = (params.get("scope") ?? "").split(" ").filter((scope) => scope !== "")
  if (scopes.length === 0) return problem("invalid_scope", "At least one scope is needed.", "scope")
  return new Set(scopes).size === scopes.length
    ? null
    : problem("invalid_scope", "A scope is named twice.", "scope")
}

/** The first attempt uses a code up, also one that fails; and a verifier has no tilde here. */
function exchangeOrBurn(sandbox: Sandbox, service: Service, request: TokenRequest): TokenOutcome {
  const outcome = request.params.get("code_verifier")?.includes("~")
    ? refusedToken(problem("pkce_verifier_wrong", "code_verifier may hold A-Z a-z 0-9 . - _ only."))
    : exchangeCode(sandbox, service, request)
  const code = sandbox.store.codes.get(request.params.get("code") ?? "")
  if (outcome.kind === "refused" && code?.realm === service.realm) code.usedFor ??= newId("burnt")
  return outcome
}

function mint(kind: "code" | "access" | "refresh"): string {
  const secret = () => randomBytes(24).toString("hex")
  if (kind === "code") return secret()
  return `${kind === "access" ? "oaa" : "oar"}${secret().slice(0, 14)}.v1.${secret()}.${secret()}`
}

function tokenAnswer({ client, issued }: TokenAnswerFacts): Reply {
  const { access, expiresInS, refresh } = issued[0] ?? {}
  return jsonReply(200, {
    access_token: access?.value,
    ...(refresh ? { refresh_token: refresh.value } : {}),
    // With the space that the reference shows.
    token_type: "Bearer ",
    scope: access?.scopes.join(" "),
    ...(expiresInS === null ? {} : { expires_in: expiresInS }),
    ...(refresh ? { refresh_expires_in: client.settings["refresh_token_lifetime_s"] } : {}),
  })
}

function userId(account: TestAccount): string {
  return `usrSANDBOX${paddedNumber(account, 7)}`
}

function identity({ account, token }: Bearer): Reply {
  return jsonReply(200, {
    id: userId(account),
    scopes: token.scopes,
    ...(token.scopes.includes("user.email:read") ? { email: account.email } : {}),
  })
}

function apiProblem(found: Problem): Reply {
  const status = standardStatus(found.kind)
  if (status === 429) {
    return jsonReply(429, { errors: [{ error: "RATE_LIMIT_REACHED", message: found.detail }] }, found.kind)
  }
  const type = status === 401 ? "AUTHENTICATION_REQUIRED" : standardError(found.kind).toUpperCase()
  return jsonReply(status, { error: { type, message: found.detail } }, found.kind)
}
