/** Linear: https://linear.app/developers/oauth-2-0-authentication */
import { randomBytes } from "node:crypto"
import { switchedOn } from "../oauth-client.ts"
import { bodyFormat, parsedJson } from "../parameters.ts"
import type { Parameters } from "../parameters.ts"
import type { Problem } from "../problems.ts"
import { problem, standardError, standardStatus } from "../problems.ts"
import type { Reply } from "../reply.ts"
import { emptyReply, jsonReply } from "../reply.ts"
import type { Bearer, ProviderCall, ServiceProfile, TokenAnswerFacts } from "../service-profile.ts"
import { apiFacts } from "../standard-answers.ts"
import { accountUuid } from "../test-accounts.ts"

export function linearProfile(standard: ServiceProfile): ServiceProfile {
  return {
    ...standard,
    clientAuth: ["post", "basic"],
    secretOptionalWithPkce: () => true,
    pkceMethods: ["S256", "plain"],
    settings: {
      ...standard.settings,
      scope_array: {
        initial: false,
        kind: "switch",
        meaning: "the app was made before December 2023: scopes come back as an array",
      },
    },
    checkAuthorization,
    mint: (kind) => prefixes[kind] + randomBytes(32).toString("hex"),
    reuseRepeats: true,
    tokenAnswer,
    tokenProblem,
    revocationAnswer: () => emptyReply(200),
    revocationProblem,
    checkApiCall,
    identity,
    apiAnswer: (bearer, call) => jsonReply(200, { data: apiFacts(bearer, call.url.pathname) }),
    apiProblem,
  }
}

const prefixes = { code: "", access: "lin_oauth_", refresh: "lin_refresh_" } as const

/** The scope list is joined by commas: with spaces it is one scope that nobody knows. */
function checkAuthorization(params: Parameters): Problem | null {
  const actor = params.get("actor") ?? "user"
  return ["user", "app", "application"].includes(actor)
    ? null
    : problem("invalid_parameter", "actor must be user or app.", "actor")
}

function tokenAnswer({ client, issued }: TokenAnswerFacts): Reply {
  const { access, expiresInS, refresh } = issued[0] ?? {}
  const scopes = access?.scopes ?? []
  return jsonReply(200, {
    access_token: access?.value,
    token_type: "Bearer",
    ...(expiresInS === null ? {} : { expires_in: expiresInS }),
    scope: switchedOn(client, "scope_array") ? scopes : scopes.join(" "),
    ...(refresh ? { refresh_token: refresh.value } : {}),
  })
}

function tokenProblem(found: Problem): Reply {
  if (found.kind === "rate_limited") return apiProblem(found)
  const body = { error: standardError(found.kind), error_description: found.detail }
  return jsonReply(standardStatus(found.kind), body, found.kind)
}

/** 400 for what is dead already. */
function revocationProblem(found: Problem): Reply {
  const dead = found.kind.startsWith("token_")
  const body = { error: dead ? "invalid_token" : standardError(found.kind), error_description: found.detail }
  return jsonReply(dead ? 400 : standardStatus(found.kind), body, found.kind)
}

/** The API is one address that takes GraphQL as JSON. */
function checkApiCall(call: ProviderCall): Reply | null {
  if (call.method !== "POST" || !isGraphqlAddress(call)) return null
  const body = bodyFormat(call.headers["content-type"]) === "json" ? parsedJson(call.body) : undefined
  const query = typeof body === "object" && body !== null && "query" in body ? body.query : undefined
  if (typeof query === "string" && query.trim() !== "") return null
  return graphqlError(400, "GRAPHQL_PARSE_FAILED", "The body must be JSON with a query.", "unreadable_body")
}

function isGraphqlAddress(call: ProviderCall): boolean {
  return /^\/graphql\/?$/.test(call.url.pathname)
}

/** Fields that the query does not name are not answered. */
function identity({ account }: Bearer, call: ProviderCall): Reply {
  const organization = {
    id: accountUuid(account, "linear-organization"),
    name: `${account.givenName}'s Workspace`,
    urlKey: account.givenName.toLowerCase(),
  }
  const viewer = { id: accountUuid(account, "linear-user"), name: account.name, email: account.email }
  const asked = (name: string) => new RegExp(`\\b${name}\\s*\\{`).test(call.body)
  return jsonReply(200, {
    data: { ...(asked("viewer") ? { viewer } : {}), ...(asked("organization") ? { organization } : {}) },
  })
}

function graphqlError(status: number, code: string, message: string, outcome: string): Reply {
  return jsonReply(status, { errors: [{ message, extensions: { code } }] }, outcome)
}

/** Too many calls are a bad request. */
function apiProblem(found: Problem): Reply {
  if (found.kind === "rate_limited") return graphqlError(400, "RATELIMITED", found.detail, found.kind)
  const status = standardStatus(found.kind)
  const code = status === 401 ? "AUTHENTICATION_ERROR" : "INTERNAL_SERVER_ERROR"
  return graphqlError(status, code, found.detail, found.kind)
}
