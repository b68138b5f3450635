/** ClickUp: https://developer.clickup.com/docs/authentication */
import { randomBytes, randomInt } from "node:crypto"
import type { Problem, ProblemKind } from "../problems.ts"
import { standardStatus } from "../problems.ts"
import type { Reply } from "../reply.ts"
import { jsonReply } from "../reply.ts"
import type { Bearer, ProviderCall, ServiceProfile, TokenAnswerFacts } from "../service-profile.ts"
import { apiFacts } from "../standard-answers.ts"
import type { TestAccount } from "../test-accounts.ts"

export function clickupProfile(standard: ServiceProfile): ServiceProfile {
  return {
    ...standard,
    clientAuth: ["post"],
    tokenBodies: ["query", "form", "json"],
    grantTypeOptional: true,
    redirectUriOptional: true,
    responseTypeOptional: true,
    authorizationRefusal: (found) => {
      const { error } = standard.authorizationRefusal(found)
      const shownOn = found.kind === "access_denied" ? "callback" : "page"
      return { shownOn, error, description: found.detail }
    },
    mint,
    tokenAnswer,
    tokenProblem: (found) => clickupError(found, tokenErrors[found.kind]),
    identity,
    apiAnswer,
    apiProblem: (found) => clickupError(found, apiErrors[found.kind]),
  }
}

function mint(kind: "code" | "access" | "refresh"): string {
  const secret = randomBytes(20).toString("hex")
  return kind === "access" ? `${randomInt(10_000_000, 100_000_000)}_${secret}` : secret.toUpperCase()
}

/** The token and nothing else. */
function tokenAnswer({ issued }: TokenAnswerFacts): Reply {
  return jsonReply(200, { access_token: issued[0]?.access.value })
}

type Told = readonly [code: string, words: string]

const unknownCode: Told = ["OAUTH_013", "Code not found"]
const wrongClient: Told = ["OAUTH_010", "Client not found"]

/** The code of a wrong secret is not published: it is told as an unknown client is. */
const tokenErrors: { readonly [kind in ProblemKind]?: Told } = {
  code_unknown: unknownCode,
  code_expired: unknownCode,
  code_of_other_client: unknownCode,
  code_used: ["OAUTH_014", "Code already used"],
  unknown_client: wrongClient,
  wrong_secret: wrongClient,
  wrong_client_authentication: wrongClient,
  redirect_uri_mismatch: ["OAUTH_007", "Redirect URI does not match"],
}

/** https://developer.clickup.com/docs/common_errors */
const apiErrors: { readonly [kind in ProblemKind]?: Told } = {
  token_missing: ["OAUTH_017", "Authorization header required"],
  token_unknown: ["OAUTH_025", "Token not found"],
  token_revoked: ["OAUTH_019", "Token not found"],
  token_expired: ["OAUTH_021", "Token not found"],
}

function clickupError(found: Problem, told: Told | undefined): Reply {
  const status = standardStatus(found.kind)
  const [ecode, words] =
    told ?? (status === 429 ? ["APP_002", "Rate limit reached"] : ["OAUTH_000", found.detail])
  const headers: Record<string, string> =
    status === 429 ? { "x-ratelimit-limit": "100", "x-ratelimit-remaining": "0" } : {}
  return jsonReply(status, { err: words, ECODE: ecode }, found.kind, headers)
}

function identity({ account }: Bearer): Reply {
  const user = { id: 80_000_000 + account.number, username: account.name, email: account.email, color: null }
  return jsonReply(200, { user })
}

/** The workspaces that the person picked: here the one that there is. */
function apiAnswer(bearer: Bearer, call: ProviderCall): Reply {
  return call.url.pathname === "/api/v2/team"
    ? jsonReply(200, { teams: [teamOf(bearer.account)] })
    : jsonReply(200, apiFacts(bearer, call.url.pathname))
}

/** Ada and Grace work in one. */
function teamOf(account: TestAccount) {
  return account.number <= 2
    ? { id: "9000000001", name: "Example Workspace", color: "#000000", avatar: null, members: [] }
    : { id: "9000000002", name: "Other Workspace", color: "#000000", avatar: null, members: [] }
}
