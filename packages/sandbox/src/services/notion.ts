/** Notion: https://developers.notion.com/reference/create-a-token */
import { randomBytes, randomUUID } from "node:crypto"
import type { Parameters } from "../parameters.ts"
import type { Problem } from "../problems.ts"
import { problem, standardError, standardStatus } from "../problems.ts"
import type { Reply } from "../reply.ts"
import { jsonReply } from "../reply.ts"
import type { Bearer, ProviderCall, ServiceProfile, TokenAnswerFacts } from "../service-profile.ts"
import { apiFacts } from "../standard-answers.ts"
import type { TestAccount } from "../test-accounts.ts"
import { accountUuid } from "../test-accounts.ts"

export function notionProfile(standard: ServiceProfile): ServiceProfile {
  return {
    ...standard,
    clientAuth: ["basic"],
    tokenBodies: ["json"],
    checkAuthorization,
    authorizationRefusal: (found) => ({ ...standard.authorizationRefusal(found), description: null }),
    mint: (kind) => prefixes[kind] + randomBytes(24).toString("hex"),
    givesRefreshToken: () => true,
    tellsLifetime: false,
    tokenAnswer,
    tokenProblem,
    revocationAnswer: () => jsonReply(200, { request_id: randomUUID() }),
    revocationProblem: (found) => (found.kind.startsWith("token_") ? deadToken(found) : tokenProblem(found)),
    checkApiCall,
    identity,
    apiAnswer: (bearer, call) =>
      jsonReply(200, { object: "sandbox", ...apiFacts(bearer, call.url.pathname) }),
    apiProblem,
  }
}

const prefixes = { code: "", access: "ntn_", refresh: "nrt_" } as const

/** Without owner=user the page does not open. */
function checkAuthorization(params: Parameters): Problem | null {
  return params.get("owner") === "user" ? null : problem("missing_parameter", "owner must be user.", "owner")
}

function workspaceOf(account: TestAccount) {
  return { id: accountUuid(account, "notion-workspace"), name: `${account.givenName}'s Workspace` }
}

/** No expiry, no scope. */
function tokenAnswer(facts: TokenAnswerFacts): Reply {
  const { account, client, issued } = facts
  const workspace = workspaceOf(account)
  return jsonReply(200, {
    access_token: issued[0]?.access.value,
    token_type: "bearer",
    refresh_token: issued[0]?.refresh?.value ?? null,
    bot_id: accountUuid(account, `notion-bot-${client.clientId}`),
    workspace_icon: null,
    workspace_name: workspace.name,
    workspace_id: workspace.id,
    owner: { type: "user", user: person(account) },
    duplicated_template_id: null,
    request_id: randomUUID(),
  })
}

function person(account: TestAccount) {
  const id = accountUuid(account, "notion-user")
  return {
    object: "user",
    id,
    name: account.name,
    avatar_url: null,
    type: "person",
    person: { email: account.email },
  }
}

function tokenProblem(found: Problem): Reply {
  const headers: Record<string, string> = found.kind === "rate_limited" ? { "retry-after": "30" } : {}
  const body = { error: standardError(found.kind), error_description: found.detail, request_id: randomUUID() }
  return jsonReply(standardStatus(found.kind), body, found.kind, headers)
}

function deadToken(found: Problem): Reply {
  const body = { error: "invalid_grant", error_description: "Invalid token.", request_id: randomUUID() }
  return jsonReply(400, body, found.kind)
}

function checkApiCall(call: ProviderCall): Reply | null {
  if (call.headers["notion-version"] !== undefined) return null
  const message = "Notion-Version header should be defined."
  return apiError(400, "missing_version", message, "missing_version")
}

function identity(bearer: Bearer): Reply {
  const { account, client } = bearer
  const { id: workspaceId, name } = workspaceOf(account)
  const bot = {
    owner: { type: "user", user: person(account) },
    workspace_id: workspaceId,
    workspace_name: name,
  }
  const id = accountUuid(account, `notion-bot-${client.clientId}`)
  return jsonReply(200, { object: "user", id, name: "Sandbox", avatar_url: null, type: "bot", bot })
}

function apiProblem(found: Problem): Reply {
  const status = standardStatus(found.kind)
  const codes: Readonly<Record<number, string>> = {
    401: "unauthorized",
    429: "rate_limited",
    503: "service_unavailable",
  }
  const message = status === 401 ? "API token is invalid." : found.detail
  return apiError(status, codes[status] ?? "invalid_request", message, found.kind)
}

function apiError(status: number, code: string, message: string, outcome: string): Reply {
  return jsonReply(status, { object: "error", status, code, message, request_id: randomUUID() }, outcome)
}
