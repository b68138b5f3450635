/** Whose access token a request carries (RFC 6750). */
import { sameConfig } from "./exchange-code.ts"
import { grantOf } from "./grants.ts"
import type { Problem } from "./problems.ts"
import { problem } from "./problems.ts"
import type { Sandbox } from "./sandbox.ts"
import { clientOf } from "./sandbox.ts"
import type { Bearer, ProviderCall } from "./service-profile.ts"
import type { Service } from "./service.ts"
import { testAccount } from "./test-accounts.ts"

export type FoundBearer =
  | { readonly kind: "bearer"; readonly bearer: Bearer }
  | { readonly kind: "refused"; readonly problem: Problem }

export function findBearer(sandbox: Sandbox, service: Service, call: ProviderCall): FoundBearer {
  const value = presentedToken(service, call)
  if (value === null) return refused(problem("token_missing", "No access token was sent."))
  const token = sandbox.store.tokens.get(value)
  const grant = token && grantOf(sandbox.store, token)
  const client = grant && clientOf(sandbox, service, grant.clientId)
  const account = grant && testAccount(grant.email)
  if (!token || !grant || !client || !account || token.kind !== "access") {
    return refused(problem("token_unknown", "The access token is not known."))
  }
  if (!sameConfig(token.config, call.config))
    return refused(problem("token_unknown", "The access token was given at another host."))
  if (token.revoked) return refused(problem("token_revoked", "The access token was revoked."))
  if (token.expiresAtMs !== null && sandbox.clock.now() >= token.expiresAtMs) {
    return refused(problem("token_expired", "The access token has expired."))
  }
  return { kind: "bearer", bearer: { definition: service.definition, client, account, grant, token } }
}

function refused(found: Problem): FoundBearer {
  return { kind: "refused", problem: found }
}

/** From the header, or from the query where the provider takes it there. */
export function presentedToken(service: Service, call: ProviderCall): string | null {
  const scheme = service.profile.bearerCaseSensitive ? /^Bearer +(\S+)$/ : /^Bearer +(\S+)$/i
  const inHeader = scheme.exec(call.headers.authorization ?? "")?.[1]
  if (inHeader !== undefined) return inHeader
  return service.profile.bearerInQuery ? call.url.searchParams.get("access_token") : null
}
