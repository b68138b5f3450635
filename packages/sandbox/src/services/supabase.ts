/** Supabase's Management API: https://supabase.com/docs/guides/integrations/build-a-supabase-oauth-integration */
import { randomBytes } from "node:crypto"
import type { Problem, ProblemKind } from "../problems.ts"
import { standardStatus } from "../problems.ts"
import type { Reply } from "../reply.ts"
import { emptyReply, jsonReply } from "../reply.ts"
import type { Bearer, ServiceProfile, TokenAnswerFacts } from "../service-profile.ts"
import { apiFacts } from "../standard-answers.ts"
import type { TestAccount } from "../test-accounts.ts"

export function supabaseProfile(standard: ServiceProfile): ServiceProfile {
  return {
    ...standard,
    clientAuth: ["basic", "post"],
    mint,
    tokenAnswer,
    tokenProblem: messageOnly,
    revocationAnswer: () => emptyReply(204),
    revocationProblem,
    identity: ({ account }) => jsonReply(200, [organizationOf(account)]),
    apiAnswer: (bearer: Bearer, call) => jsonReply(200, apiFacts(bearer, call.url.pathname)),
    apiProblem: messageOnly,
  }
}

function mint(kind: "code" | "access" | "refresh"): string {
  const secret = randomBytes(20).toString("hex")
  return kind === "access" ? `sbp_oauth_${secret}` : secret
}

/** Created, not OK; and no scopes. */
function tokenAnswer({ issued }: TokenAnswerFacts): Reply {
  const { access, expiresInS, refresh } = issued[0] ?? {}
  return jsonReply(201, {
    access_token: access?.value,
    ...(refresh ? { refresh_token: refresh.value } : {}),
    ...(expiresInS === null ? {} : { expires_in: expiresInS }),
    token_type: "Bearer",
  })
}

const deadRefreshToken = "Invalid refresh token"
const deadCode = "Invalid authorization code"

const messages: { readonly [kind in ProblemKind]?: string } = {
  refresh_token_dead: deadRefreshToken,
  refresh_token_reused: deadRefreshToken,
  refresh_token_of_other_client: deadRefreshToken,
  code_unknown: deadCode,
  code_used: deadCode,
  code_expired: deadCode,
  code_of_other_client: deadCode,
  unknown_client: "Invalid client credentials",
  wrong_secret: "Invalid client credentials",
  wrong_client_authentication: "Invalid client credentials",
}

/** A sentence, and no word that a program could rely on. */
function messageOnly(found: Problem): Reply {
  const status = standardStatus(found.kind)
  const message = messages[found.kind] ?? (status === 401 ? "Unauthorized" : found.detail)
  const headers: Record<string, string> =
    status === 429 ? { "x-ratelimit-remaining": "0", "x-ratelimit-reset": "30" } : {}
  return jsonReply(status, { message }, found.kind, headers)
}

function revocationProblem(found: Problem): Reply {
  const isDead = found.kind.startsWith("token_") && found.kind !== "token_missing"
  if (isDead) return jsonReply(404, { message: "Authorization not found" }, found.kind)
  return found.kind === "token_missing"
    ? jsonReply(400, { message: found.detail }, found.kind)
    : messageOnly(found)
}

/** Ada and Grace work for one organisation. */
function organizationOf(account: TestAccount) {
  const name = account.number <= 2 ? "Example Org" : "Other Org"
  const slug = account.number <= 2 ? "sandboxexampleorgaaa" : "sandboxotherorgaaaaa"
  return { id: slug, slug, name }
}
