/** Issues tokens for a part of a grant, by the service's rules on lifetimes and numbers. */
import type { Grant, Token } from "./grants.ts"
import { addToken, keepNewest } from "./grants.ts"
import type { OauthClient } from "./oauth-client.ts"
import type { Sandbox } from "./sandbox.ts"
import type { IssuedTokens } from "./service-profile.ts"
import type { Service } from "./service.ts"

export interface IssueOrder {
  readonly client: OauthClient
  readonly grant: Grant
  readonly chain: string
  readonly scopes: readonly string[]
  readonly config: Readonly<Record<string, string>>
  readonly withPkce: boolean
  /** `new`: mint one; a token: answer with that one; null: none. */
  readonly refresh: "new" | Token | null
}

export function issueTokens(sandbox: Sandbox, service: Service, order: IssueOrder): IssuedTokens {
  const { profile } = service
  const { client, grant } = order
  const expiresInS = profile.accessLifetimeS(client)
  const access = issue(sandbox, service, order, "access", expiresInS)
  const refresh =
    order.refresh === "new"
      ? issue(sandbox, service, order, "refresh", profile.refreshLifetimeS(client))
      : order.refresh
  const mostAccess = profile.maxAccessTokens(client)
  const mostRefresh = profile.maxRefreshTokens(client)
  if (mostAccess !== null) keepNewest(sandbox.store, grant, "access", mostAccess)
  if (mostRefresh !== null) keepNewest(sandbox.store, grant, "refresh", mostRefresh)
  return { grant, access, refresh, expiresInS: profile.tellsLifetime ? expiresInS : null }
}

function issue(
  sandbox: Sandbox,
  service: Service,
  order: IssueOrder,
  kind: Token["kind"],
  lifetimeS: number | null,
): Token {
  const { grant, chain, scopes, config, withPkce, client } = order
  const issuedAtMs = sandbox.clock.now()
  const token: Token = {
    value: service.profile.mint(kind, grant.part, client),
    kind,
    grantKey: grant.key,
    chain,
    type: service.definition.type,
    scopes,
    config,
    withPkce,
    issuedAtMs,
    expiresAtMs: lifetimeS === null ? null : issuedAtMs + lifetimeS * 1000,
    revoked: false,
    usedAtMs: null,
  }
  addToken(sandbox.store, grant, token)
  return token
}
