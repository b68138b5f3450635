/** What the use cases work with; put together in `assemble-services.ts`, passed as an argument everywhere. */
import type { Catalog } from "@grantry/catalog"
import type { Config } from "./config.ts"
import type { OAuthClients } from "./connections/oauth-clients.ts"
import type { Refresher } from "./connections/refresh.ts"
import type { AppUserAuthenticator } from "./callers/authenticate-app-user.ts"
import type { Authenticator } from "./callers/authenticate.ts"
import type { MintedTokens } from "./callers/minted-tokens.ts"
import type { AppendDependencies } from "./events/audit-chain/append-events.ts"
import type { Audit } from "./events/audit.ts"
import type { Health } from "./events/health.ts"
import type { Metrics } from "./events/metrics/metrics.ts"
import type { RequestOrigins } from "./events/request-origins.ts"
import type { RefreshOutcomes } from "./events/refresh-outcomes.ts"
import type { Tracing } from "./events/tracing/tracing.ts"
import type { Limits } from "./limits/limits.ts"
import type { Log } from "./log.ts"
import type { MemberAuth } from "./members/member-auth.ts"
import type { OpenIdIssuer } from "./members/openid/issuer.ts"
import type { ProtocolClient } from "./oauth/protocol-client.ts"
import type { LiveReplicas } from "./storage/live-replicas.ts"
import type { Quarantine } from "./storage/quarantine.ts"
import type { Storage } from "./storage/storage.ts"
import type { Vault } from "./vault/vault.ts"

export interface Clock {
  /** Milliseconds since the epoch. In development the sandbox can move it. */
  now(): number
}

export interface Services {
  readonly config: Config
  readonly catalog: Catalog
  readonly clock: Clock
  readonly storage: Storage
  readonly quarantine: Quarantine
  readonly replicas: LiveReplicas
  readonly limits: Limits
  readonly vault: Vault
  readonly protocol: ProtocolClient
  readonly clients: OAuthClients
  readonly refresher: Refresher
  readonly authenticator: Authenticator
  /** Signs the cookies of members' sessions. */
  readonly signInSecret: () => Promise<string>
  readonly memberAuth: MemberAuth
  /** null: members sign in with passwords only. */
  readonly openId: OpenIdIssuer | null
  readonly appUsers: AppUserAuthenticator
  readonly minted: MintedTokens
  readonly audit: Audit
  /** What the audit is appended to, and cut from. */
  readonly auditChain: AppendDependencies
  readonly origins: RequestOrigins
  readonly metrics: Metrics
  readonly refreshOutcomes: RefreshOutcomes
  readonly health: Health
  /** null: nobody collects traces. */
  readonly tracing: Tracing | null
  readonly log: Log
}
