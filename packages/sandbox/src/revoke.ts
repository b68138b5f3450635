/** The revocation endpoint, as the entry describes it (RFC 7009 where the provider follows it). */
import type { RevocationFacts } from "@grantry/catalog"
import type { FoundAddress } from "./address-pattern.ts"
import { presentedToken } from "./bearer.ts"
import { authenticateClient } from "./client-authentication.ts"
import type { Grant, Token } from "./grants.ts"
import { endChain, endGrant, grantOf } from "./grants.ts"
import type { OauthClient } from "./oauth-client.ts"
import type { Parameters } from "./parameters.ts"
import type { Problem } from "./problems.ts"
import { problem } from "./problems.ts"
import type { Reply } from "./reply.ts"
import type { Sandbox } from "./sandbox.ts"
import { clientOf } from "./sandbox.ts"
import type { ProviderCall, RevocationScope } from "./service-profile.ts"
import type { Service } from "./service.ts"
import { bodyProblem, readBody } from "./request-body.ts"

interface Revocation {
  readonly facts: RevocationFacts
  readonly call: ProviderCall
  readonly ends: "grant" | "token" | null
}

export function answerRevocation(
  sandbox: Sandbox,
  service: Service,
  call: ProviderCall,
  address: FoundAddress,
): Reply {
  const facts = service.definition.revocation
  const refuse = (found: Problem) => service.profile.revocationProblem(found, call)
  if (!facts) return refuse(problem("method_not_allowed", "Nothing can be revoked here."))
  if (!address.pattern.methods.includes(call.method)) {
    return refuse(problem("method_not_allowed", `Revocation uses ${address.pattern.methods.join(" or ")}.`))
  }
  const wrong = revoke(sandbox, service, { facts, call, ends: address.pattern.ends })
  return wrong ? refuse(wrong) : service.profile.revocationAnswer()
}

function revoke(sandbox: Sandbox, service: Service, revocation: Revocation): Problem | null {
  const { facts, call } = revocation
  const read = revocationParams(facts, call)
  if ("kind" in read) return read
  const params = service.profile.tokenParams(read)
  const client = revocationClient(sandbox, service, revocation, params)
  if (client && "kind" in client) return client
  const value =
    facts.tokenField === null ? presentedToken(service, call) : (params.get(facts.tokenField) ?? null)
  if (value === null)
    return problem("token_missing", "No token was sent.", facts.tokenField ?? "Authorization")
  return endToken(sandbox, service, revocation, { value, client, params })
}

function revocationParams(facts: RevocationFacts, call: ProviderCall): Parameters | Problem {
  const query = new Map(call.url.searchParams)
  if (facts.body === "none" || facts.tokenField === null) return query
  const read = readBody(call, [facts.body])
  // RFC 7009 section 2.1 puts the token into the body; Google's own page shows it in the query as well.
  if (read.kind === "other" && call.body === "" && query.has(facts.tokenField)) return query
  return read.kind === "read" ? read.values : bodyProblem(read, [facts.body])
}

function revocationClient(
  sandbox: Sandbox,
  service: Service,
  { facts, call }: Revocation,
  params: Parameters,
): OauthClient | Problem | null {
  if (facts.auth === "none" || facts.auth === "bearer") return null
  const ways = service.profile.clientAuth.includes(facts.auth) ? service.profile.clientAuth : [facts.auth]
  const authenticated = authenticateClient(sandbox, service, call, { params, withPkce: false, ways })
  if (authenticated.kind === "refused") return authenticated.problem
  const named = call.config["client_id"]
  const { client } = authenticated
  return named === undefined || named === client.clientId
    ? client
    : problem("unknown_client", "Another client is named.")
}

function endToken(
  sandbox: Sandbox,
  service: Service,
  { call, ends }: Revocation,
  presented: { readonly value: string; readonly client: OauthClient | null; readonly params: Parameters },
): Problem | null {
  const token = sandbox.store.tokens.get(presented.value)
  const grant = token && grantOf(sandbox.store, token)
  if (!token || !grant || grant.realm !== service.realm)
    return problem("token_unknown", "The token is not known.")
  if (presented.client && presented.client.clientId !== grant.clientId) {
    return problem("token_unknown", "The token was given to another client.")
  }
  const owner = presented.client ?? clientOf(sandbox, service, grant.clientId)
  const { params } = presented
  const wrong =
    service.profile.checkRevocation({ call, params, token, owner, nowMs: sandbox.clock.now() }) ??
    deadProblem(sandbox, service, token)
  if (wrong) return wrong
  const scope = ends ?? (owner ? service.profile.revocationEnds(owner, token) : "token")
  end(sandbox, grant, token, scope)
  return null
}

function deadProblem(sandbox: Sandbox, service: Service, token: Token): Problem | null {
  if (token.revoked) return problem("token_revoked", "The token was revoked before.")
  const expired = token.expiresAtMs !== null && sandbox.clock.now() >= token.expiresAtMs
  // Where the token itself opens the door it must be alive; elsewhere an expired one still names its grant.
  const opensTheDoor = service.definition.revocation?.auth === "bearer"
  return expired && opensTheDoor ? problem("token_expired", "The token has expired.") : null
}

function end(sandbox: Sandbox, grant: Grant, token: Token, scope: RevocationScope): void {
  if (scope === "grant") return endGrant(sandbox.store, grant)
  if (scope === "token") return endChain(sandbox.store, grant, token.chain)
  token.revoked = true
  sandbox.store.changed()
}
