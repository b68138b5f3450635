/** Hugging Face: https://huggingface.co/docs/hub/oauth */
import { randomBytes } from "node:crypto"
import { switchedOn } from "../oauth-client.ts"
import type { Problem } from "../problems.ts"
import { standardStatus } from "../problems.ts"
import type { Reply } from "../reply.ts"
import { jsonReply } from "../reply.ts"
import type { Bearer, ServiceProfile, TokenAnswerFacts } from "../service-profile.ts"
import { apiFacts } from "../standard-answers.ts"
import type { TestAccount } from "../test-accounts.ts"
import { paddedNumber } from "../test-accounts.ts"

export function huggingFaceProfile(standard: ServiceProfile): ServiceProfile {
  return {
    ...standard,
    clientAuth: ["basic", "post"],
    settings: {
      ...standard.settings,
      refresh_tokens: {
        initial: true,
        kind: "switch",
        meaning: "grants come with refresh tokens, which the documentation does not promise",
      },
    },
    mint,
    givesRefreshToken: ({ client }) => switchedOn(client, "refresh_tokens"),
    tokenAnswer,
    // 400 for every refusal.
    tokenProblem: (found, call) => {
      const reply = standard.tokenProblem(found, call)
      return reply.status === 401 ? { ...reply, status: 400 } : reply
    },
    identity,
    apiAnswer: (bearer, call) => jsonReply(200, apiFacts(bearer, call.url.pathname)),
    apiProblem,
  }
}

function mint(kind: "code" | "access" | "refresh"): string {
  const secret = randomBytes(32).toString("base64url")
  return kind === "code" ? secret : `hf_oauth_${secret}`
}

function tokenAnswer(facts: TokenAnswerFacts): Reply {
  const { access, expiresInS, refresh } = facts.issued[0] ?? {}
  const scopes = access?.scopes ?? []
  return jsonReply(200, {
    access_token: access?.value,
    token_type: "bearer",
    ...(expiresInS === null ? {} : { expires_in: expiresInS }),
    ...(facts.phase === "exchange" && scopes.includes("openid") ? { id_token: idToken(facts) } : {}),
    scope: scopes.join(" "),
    ...(refresh ? { refresh_token: refresh.value } : {}),
  })
}

/** Shaped like an ID token and signed by nobody: nothing in the sandbox is worth a key. */
function idToken({ account, client, nowMs }: TokenAnswerFacts): string {
  const issuedAtS = Math.floor(nowMs / 1000)
  const claims = {
    iss: "https://huggingface.co",
    aud: client.clientId,
    sub: subjectOf(account),
    iat: issuedAtS,
    exp: issuedAtS + 3600,
  }
  const parts = [{ alg: "RS256", typ: "JWT" }, claims].map((part) => JSON.stringify(part))
  return [...parts, "not-signed"].map((part) => Buffer.from(part).toString("base64url")).join(".")
}

function subjectOf(account: TestAccount): string {
  return `5a4db0c5${paddedNumber(account, 16)}`
}

/** What the scopes allow to be seen. */
function identity({ account, token }: Bearer): Reply {
  const name = account.givenName.toLowerCase()
  const profile = {
    name: account.name,
    preferred_username: name,
    profile: `https://huggingface.co/${name}`,
    picture: `https://huggingface.co/avatars/${name}.svg`,
    isPro: false,
    orgs: [],
  }
  return jsonReply(200, {
    sub: subjectOf(account),
    ...(token.scopes.includes("profile") ? profile : {}),
    ...(token.scopes.includes("email") ? { email: account.email, email_verified: true } : {}),
  })
}

function apiProblem(found: Problem): Reply {
  const status = standardStatus(found.kind)
  const headers: Record<string, string> = status === 429 ? { ratelimit: '"api";r=0;t=120' } : {}
  return jsonReply(
    status,
    { error: status === 401 ? "Invalid credentials" : found.detail },
    found.kind,
    headers,
  )
}
