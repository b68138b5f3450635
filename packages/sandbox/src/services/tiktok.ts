/** TikTok: https://developers.tiktok.com/doc/oauth-user-access-token-management */
import { createHash, randomBytes, randomUUID } from "node:crypto"
import { settingNumber, switchedOn } from "../oauth-client.ts"
import type { Parameters } from "../parameters.ts"
import type { Problem } from "../problems.ts"
import { problem, standardError, standardStatus } from "../problems.ts"
import type { Reply } from "../reply.ts"
import { emptyReply, jsonReply } from "../reply.ts"
import type {
  Bearer,
  PresentedForRevocation,
  ProviderCall,
  ServiceProfile,
  TokenAnswerFacts,
} from "../service-profile.ts"
import { apiFacts } from "../standard-answers.ts"
import type { TestAccount } from "../test-accounts.ts"
import { accountUuid } from "../test-accounts.ts"

export function tiktokProfile(standard: ServiceProfile): ServiceProfile {
  return {
    ...standard,
    clientAuth: ["post"],
    settings: {
      ...standard.settings,
      desktop: {
        initial: false,
        kind: "switch",
        meaning: "a desktop app: PKCE is required, with the digest in hexadecimal",
      },
      refresh_token_lifetime_s: { initial: 15_552_000, kind: "seconds", meaning: "life of a refresh token" },
    },
    authorizationParams: withClientId,
    tokenParams: withClientId,
    pkce: (client) => (switchedOn(client, "desktop") ? "required" : "ignored"),
    pkceDigest: (verifier) => createHash("sha256").update(verifier).digest("hex"),
    plausibleScope: (scope) => /^(artist|research|portability)\.[a-z.]+$/.test(scope),
    callbackParams: ({ scopes }) => ({ scopes: scopes.join(",") }),
    mint,
    tokenAnswer,
    tokenProblem,
    checkRevocation,
    revocationAnswer: () => emptyReply(200),
    revocationProblem,
    checkApiCall,
    identity,
    apiAnswer: (bearer, call) => enveloped(apiFacts(bearer, call.url.pathname)),
    apiProblem,
  }
}

/** The client's id goes by `client_key`; what is called client_id is not looked at. */
function withClientId(params: Parameters): Parameters {
  const others = [...params].filter(([name]) => name !== "client_id" && name !== "client_key")
  const key = params.get("client_key")
  return new Map(key === undefined ? others : [...others, ["client_id", key]])
}

/** With characters that a URL has to encode, and that are decoded once. */
function mint(kind: "code" | "access" | "refresh"): string {
  const secret = randomBytes(32).toString("base64url")
  if (kind === "code") return `${secret}*1!5168.va`
  return `${kind === "access" ? "act" : "rft"}.${secret}!5177.va`
}

function openId(account: TestAccount): string {
  return accountUuid(account, "tiktok-open-id")
}

function tokenAnswer({ account, client, issued }: TokenAnswerFacts): Reply {
  const { access, expiresInS, refresh } = issued[0] ?? {}
  const lifetimeS = settingNumber(client, "refresh_token_lifetime_s")
  return jsonReply(200, {
    access_token: access?.value,
    ...(expiresInS === null ? {} : { expires_in: expiresInS }),
    open_id: openId(account),
    ...(refresh && lifetimeS !== null ? { refresh_expires_in: lifetimeS } : {}),
    ...(refresh ? { refresh_token: refresh.value } : {}),
    scope: access?.scopes.join(","),
    token_type: "Bearer",
  })
}

/** Every refusal comes at 200. */
function tokenProblem(found: Problem): Reply {
  const status = standardStatus(found.kind)
  if (status === 429 || status >= 500) return apiProblem(found)
  const body = { error: standardError(found.kind), error_description: found.detail, log_id: randomUUID() }
  return jsonReply(200, body, found.kind)
}

/** Living access tokens only. */
function checkRevocation({ nowMs, token }: PresentedForRevocation): Problem | null {
  const expired = token.expiresAtMs !== null && nowMs >= token.expiresAtMs
  if (token.kind === "access" && !expired) return null
  return problem(expired ? "token_expired" : "token_unknown", "The access token is invalid or has expired.")
}

function revocationProblem(found: Problem): Reply {
  if (!found.kind.startsWith("token_") || found.kind === "token_missing") return tokenProblem(found)
  const body = { error: "access_token_invalid", error_description: found.detail, log_id: randomUUID() }
  return jsonReply(200, body, found.kind)
}

/** User info is answered field by field. */
function checkApiCall(call: ProviderCall): Reply | null {
  if (!call.url.pathname.startsWith("/v2/user/info") || call.url.searchParams.has("fields")) return null
  return apiError(400, "invalid_params", "fields is required.", "missing_parameter")
}

function identity({ account }: Bearer, call: ProviderCall): Reply {
  const user: Readonly<Record<string, string>> = {
    open_id: openId(account),
    union_id: accountUuid(account, "tiktok-union-id"),
    avatar_url: "https://example.com/avatar.jpeg",
    display_name: account.name,
  }
  const asked = (call.url.searchParams.get("fields") ?? "").split(",")
  return enveloped({
    user: Object.fromEntries(asked.flatMap((name) => (user[name] ? [[name, user[name]]] : []))),
  })
}

function enveloped(data: unknown): Reply {
  return jsonReply(200, { data, error: { code: "ok", message: "", log_id: randomUUID() } })
}

function apiError(status: number, code: string, message: string, outcome: string): Reply {
  const headers: Record<string, string> = status === 429 ? { "retry-after": "30" } : {}
  return jsonReply(status, { data: {}, error: { code, message, log_id: randomUUID() } }, outcome, headers)
}

function apiProblem(found: Problem): Reply {
  const status = standardStatus(found.kind)
  const codes: Readonly<Record<number, string>> = { 401: "access_token_invalid", 429: "rate_limit_exceeded" }
  return apiError(status, codes[status] ?? "internal_error", found.detail, found.kind)
}
