/** Databricks: https://docs.databricks.com/aws/en/integrations/manage-oauth */
import { randomBytes } from "node:crypto"
import type { Problem, ProblemKind } from "../problems.ts"
import { standardStatus } from "../problems.ts"
import type { Reply } from "../reply.ts"
import { jsonReply } from "../reply.ts"
import type { Bearer, ServiceProfile } from "../service-profile.ts"
import { apiFacts, standardTokenProblem } from "../standard-answers.ts"

export function databricksProfile(standard: ServiceProfile): ServiceProfile {
  return {
    ...standard,
    clientAuth: ["basic", "post"],
    settings: { ...standard.settings, ...settings },
    plausibleScope: (scope) => /^[a-z]+(-[a-z]+)*(\.[a-z-]+)*$/.test(scope),
    mint: (kind) => (kind === "access" ? `eyJraWQiOiJzYW5kYm94In0.${secret()}.c2ln` : secret()),
    tokenProblem,
    identity,
    apiAnswer: (bearer, call) => jsonReply(200, apiFacts(bearer, call.url.pathname)),
    apiProblem,
  }
}

const secret = (): string => randomBytes(32).toString("base64url")

/** What an administrator sets for an app connection. */
const settings: ServiceProfile["settings"] = {
  refresh_token_lifetime_s: {
    initial: 604_800,
    kind: "seconds",
    meaning: "refresh_token_ttl_in_minutes, in seconds: seven days unless set otherwise",
  },
  rotation: {
    initial: false,
    kind: "switch",
    meaning: "single-use refresh tokens: each refresh brings a new one and the old one dies at once",
  },
}

const deadRefreshToken: ReadonlySet<ProblemKind> = new Set([
  "refresh_token_dead",
  "refresh_token_reused",
  "refresh_token_of_other_client",
])

/** A dead refresh token is told as a bad request, at 401. */
function tokenProblem(found: Problem): Reply {
  if (!deadRefreshToken.has(found.kind)) return standardTokenProblem(found)
  const body = { error: "invalid_request", error_description: "Refresh token is invalid" }
  return jsonReply(401, body, found.kind)
}

/** The SCIM resource of the token's own user. */
function identity({ account, token }: Bearer): Reply {
  if (!token.scopes.includes("all-apis")) {
    const message = "The access token lacks the scope for this API."
    return jsonReply(403, { error_code: "PERMISSION_DENIED", message }, "scope_missing")
  }
  return jsonReply(200, {
    schemas: ["urn:ietf:params:scim:schemas:core:2.0:User"],
    id: String(4_000_000_000_000 + account.number),
    userName: account.email,
    displayName: account.name,
    name: { givenName: account.givenName, familyName: account.familyName },
    emails: [{ type: "work", value: account.email, primary: true }],
    active: true,
  })
}

function apiProblem(found: Problem): Reply {
  const status = standardStatus(found.kind)
  const codes: Readonly<Record<number, string>> = {
    401: "UNAUTHENTICATED",
    429: "RESOURCE_EXHAUSTED",
    503: "TEMPORARILY_UNAVAILABLE",
  }
  const body = { error_code: codes[status] ?? "BAD_REQUEST", message: found.detail }
  return jsonReply(status, body, found.kind, status === 429 ? { "retry-after": "30" } : {})
}
