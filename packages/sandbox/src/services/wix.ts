/** Wix: https://dev.wix.com/docs/build-apps/develop-your-app/access/authentication/about-oauth */
import { createHmac, randomBytes } from "node:crypto"
import { authenticateClient } from "../client-authentication.ts"
import type { Code, Grant } from "../grants.ts"
import { giveGrant, grantKey, newId } from "../grants.ts"
import { issueTokens } from "../issue-tokens.ts"
import type { OauthClient } from "../oauth-client.ts"
import type { Parameters } from "../parameters.ts"
import type { Problem } from "../problems.ts"
import { problem, standardStatus } from "../problems.ts"
import type { Reply } from "../reply.ts"
import { jsonReply } from "../reply.ts"
import type { Sandbox } from "../sandbox.ts"
import type { Bearer, ServiceProfile, TokenAnswerFacts } from "../service-profile.ts"
import type { Service } from "../service.ts"
import { apiFacts } from "../standard-answers.ts"
import type { TestAccount } from "../test-accounts.ts"
import { accountUuid, testAccount } from "../test-accounts.ts"
import type { TokenOutcome, TokenRequest } from "../token-outcome.ts"
import { refusedToken } from "../token-outcome.ts"

export function wixProfile(standard: ServiceProfile): ServiceProfile {
  return {
    ...standard,
    clientAuth: ["post"],
    tokenBodies: ["json"],
    authorizationParams,
    responseTypeOptional: true,
    codeParam: "instanceId",
    callbackParams: ({ account, client }) => ({
      appId: client.clientId,
      tenantId: accountUuid(account, "wix-site"),
      signedInstance: signed(client, { instanceId: instanceId(account, client) }),
    }),
    grantTypes: { client_credentials: mintForInstance },
    isRefresh: (params, store) =>
      [...store.grants.values()].some(
        (grant) => grant.live && instanceOf(grant) === params.get("instance_id"),
      ),
    mint: (kind, _part, client, account) =>
      kind === "code" && account
        ? instanceId(account, client)
        : `OauthNG.JWS.${randomBytes(60).toString("base64url")}`,
    givesRefreshToken: () => false,
    tokenAnswer,
    tokenProblem,
    identity,
    apiAnswer: (bearer, call) => jsonReply(200, apiFacts(bearer, call.url.pathname)),
    apiProblem,
  }
}

/** The installer's own names; those of OAuth mean nothing to it. A state stands in the callback's address, if anywhere. */
function authorizationParams(params: Parameters): Parameters {
  const names: Readonly<Record<string, string>> = { appId: "client_id", postInstallationUrl: "redirect_uri" }
  const taken = [...params].filter(([name]) => ![...Object.values(names), "state"].includes(name))
  return new Map(taken.map(([name, value]) => [names[name] ?? name, value]))
}

/** What the app can check with its secret: the signature, then what it is over. */
function signed({ clientSecret }: OauthClient, claims: Readonly<Record<string, string>>): string {
  const payload = Buffer.from(JSON.stringify(claims)).toString("base64url")
  return `${createHmac("sha256", clientSecret).update(payload).digest("base64url")}.${payload}`
}

/** One per site and app, the same after every installation. */
function instanceId(account: TestAccount, client: Pick<OauthClient, "clientId">): string {
  return accountUuid(account, `wix-instance-${client.clientId}`)
}

function instanceOf(grant: Grant): string | null {
  const account = testAccount(grant.email)
  return account && instanceId(account, grant)
}

/** The first token and every later one: the app's credentials and the installation that it speaks for. */
function mintForInstance(
  sandbox: Sandbox,
  service: Service,
  { call, fault, params }: TokenRequest,
): TokenOutcome {
  const check = { params, withPkce: false, ways: service.profile.clientAuth }
  const authenticated = authenticateClient(sandbox, service, call, check)
  if (authenticated.kind === "refused") return refusedToken(authenticated.problem)
  const { client } = authenticated
  const instance = params.get("instance_id")
  if (instance === undefined)
    return refusedToken(problem("missing_parameter", "instance_id is required", "instance_id"))
  const code = sandbox.store.codes.get(instance) ?? null
  const account = code?.realm === service.realm ? testAccount(code.email) : null
  const failing = fault?.name === "invalid_grant" || fault?.name === "refresh_reuse"
  const grant = code && account && !failing ? installed(sandbox, code, client, account) : null
  if (!code || !account || !grant)
    return refusedToken(problem("refresh_token_dead", "The app instance does not exist."))
  const issued = issueTokens(sandbox, service, {
    client,
    grant,
    chain: newId("chain"),
    scopes: [],
    config: {},
    withPkce: false,
    refresh: null,
  })
  const { definition } = service
  const facts = {
    phase: "exchange",
    definition,
    client,
    account,
    config: {},
    issued: [issued],
    call,
  } as const
  return { kind: "granted", facts: { ...facts, nowMs: sandbox.clock.now() } }
}

/** An installation begins with the consent and lives until the app is removed; then only another consent helps. */
function installed(sandbox: Sandbox, code: Code, client: OauthClient, account: TestAccount): Grant | null {
  if (code.clientId !== client.clientId) return null
  const owner = { ...code, part: "main", subject: account.email }
  if (code.usedFor !== null) {
    const grant = sandbox.store.grants.get(grantKey(owner))
    return grant?.live === true ? grant : null
  }
  code.usedFor = "installation"
  return giveGrant(sandbox.store, owner, [], sandbox.clock.now())
}

function tokenAnswer({ issued }: TokenAnswerFacts): Reply {
  const { access, expiresInS } = issued[0] ?? {}
  return jsonReply(200, {
    access_token: access?.value,
    token_type: "Bearer",
    ...(expiresInS === null ? {} : { expires_in: expiresInS }),
  })
}

/** A message and details. The provider publishes neither statuses nor words. */
function tokenProblem(found: Problem): Reply {
  const status = standardStatus(found.kind)
  if (status === 429 || status >= 500) return apiProblem(found)
  const clientIsWrong = status === 401
  const message = clientIsWrong ? "Invalid client credentials" : found.detail
  return jsonReply(clientIsWrong ? 401 : 400, { message, details: {} }, found.kind)
}

function identity({ account, client }: Bearer): Reply {
  return jsonReply(200, {
    instance: { instanceId: instanceId(account, client), appName: "Sandbox", isFree: true },
    site: {
      siteId: accountUuid(account, "wix-site"),
      siteDisplayName: `${account.givenName}'s Site`,
      locale: "en",
    },
  })
}

function apiProblem(found: Problem): Reply {
  const status = standardStatus(found.kind)
  const headers: Record<string, string> = status === 429 ? { "retry-after": "30" } : {}
  return jsonReply(status, { message: found.detail, details: {} }, found.kind, headers)
}
