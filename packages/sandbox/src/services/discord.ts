/** Discord: https://discord.com/developers/docs/topics/oauth2 */
import { randomBytes } from "node:crypto"
import type { Problem } from "../problems.ts"
import { standardStatus } from "../problems.ts"
import type { Reply } from "../reply.ts"
import { jsonReply } from "../reply.ts"
import type { Bearer, ProviderCall, ServiceProfile, TokenAnswerFacts } from "../service-profile.ts"
import { apiFacts } from "../standard-answers.ts"
import type { TestAccount } from "../test-accounts.ts"
import { paddedNumber } from "../test-accounts.ts"

export function discordProfile(standard: ServiceProfile): ServiceProfile {
  return {
    ...standard,
    clientAuth: ["basic", "post"],
    plausibleScope: (scope) =>
      /^(rpc|voice|activities|relationships|dm_channels|messages)[a-z._]*$/.test(scope),
    mint: () => randomBytes(22).toString("base64url"),
    tokenAnswer,
    revocationAnswer: () => jsonReply(200, {}),
    checkApiCall,
    identity,
    apiAnswer: (bearer, call) => jsonReply(200, apiFacts(bearer, call.url.pathname)),
    apiProblem,
  }
}

/** Numbers of seventeen digits and more, as text. */
function snowflake(account: TestAccount, kind: number): string {
  return `${kind}0${paddedNumber(account, 16)}`
}

/** A bot brings its server along, a webhook its channel and its own secret. */
function tokenAnswer({ account, issued }: TokenAnswerFacts): Reply {
  const { access, expiresInS, refresh } = issued[0] ?? {}
  const scopes = access?.scopes ?? []
  const guild = { id: snowflake(account, 2), name: `${account.givenName}'s server` }
  const id = snowflake(account, 3)
  const token = `sandbox-webhook-${account.number}`
  const webhook = {
    id,
    type: 1,
    name: "Sandbox",
    token,
    channel_id: snowflake(account, 4),
    guild_id: guild.id,
    url: `https://discord.com/api/webhooks/${id}/${token}`,
  }
  return jsonReply(200, {
    token_type: "Bearer",
    access_token: access?.value,
    ...(expiresInS === null ? {} : { expires_in: expiresInS }),
    ...(refresh ? { refresh_token: refresh.value } : {}),
    scope: scopes.join(" "),
    ...(scopes.includes("bot") ? { guild } : {}),
    ...(scopes.includes("webhook.incoming") ? { webhook } : {}),
  })
}

function checkApiCall(call: ProviderCall): Reply | null {
  const named = (call.headers["user-agent"] ?? "") !== ""
  return named
    ? null
    : jsonReply(403, { message: "A User-Agent is required.", code: 0 }, "user_agent_missing")
}

function identity({ account, token }: Bearer): Reply {
  return jsonReply(200, {
    id: snowflake(account, 1),
    username: account.givenName.toLowerCase(),
    global_name: account.name,
    discriminator: "0",
    avatar: null,
    ...(token.scopes.includes("email") ? { email: account.email, verified: true } : {}),
  })
}

function apiProblem(found: Problem): Reply {
  const status = standardStatus(found.kind)
  if (status === 429) {
    const body = { message: "You are being rate limited.", retry_after: 30, global: false }
    return jsonReply(429, body, found.kind, { "retry-after": "30" })
  }
  const message = status === 401 ? "401: Unauthorized" : `${status}: ${found.detail}`
  return jsonReply(status, { message, code: 0 }, found.kind)
}
