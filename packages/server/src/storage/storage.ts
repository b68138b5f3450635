/**
 * What the server keeps, and the questions it asks of it. Every call carries its tenant (`workspaceId`), except the
 * few that find out who the tenant is. Times are integer milliseconds since the epoch; sealed values are opaque bytes.
 */
import type { AccountStore } from "./stores/accounts.ts"
import type { AppStore } from "./stores/apps.ts"
import type { AttemptStore } from "./stores/attempts.ts"
import type { AuditChainStore } from "./stores/audit-chains.ts"
import type { AuditStore } from "./stores/audit-events.ts"
import type { BacklogStore } from "./stores/backlog.ts"
import type { ConnectionFence, ConnectionStore } from "./stores/connections.ts"
import type { ConnectorStore } from "./stores/connectors.ts"
import type { DataKeyStore } from "./stores/data-keys.ts"
import type { DisconnectJobStore } from "./stores/disconnect-jobs.ts"
import type { IdentityIssuerStore } from "./stores/identity-issuers.ts"
import type { KeyStore } from "./stores/keys.ts"
import type { DeviceStore, GuessStore, PeopleStore, SignInRecordStore } from "./stores/members.ts"
import type { MetaStore } from "./stores/meta.ts"
import type { ReplicaStore } from "./stores/replicas.ts"
import type { OpenIdAttemptStore } from "./stores/openid-attempts.ts"
import type { RefreshOutcomeStore } from "./stores/refresh-outcomes.ts"
import type { RevocationStore } from "./stores/revocations.ts"
import type { SigningKeyStore } from "./stores/signing-keys.ts"
import type { TenantRowStore } from "./stores/tenant-rows.ts"
import type { WebhookStore } from "./stores/webhooks.ts"
import type { WorkspaceClosureStore } from "./stores/workspace-closures.ts"

export interface Stores {
  readonly meta: MetaStore
  readonly accounts: AccountStore
  readonly apps: AppStore
  readonly keys: KeyStore
  readonly identityIssuers: IdentityIssuerStore
  readonly signingKeys: SigningKeyStore
  readonly dataKeys: DataKeyStore
  readonly connectors: ConnectorStore
  readonly connections: ConnectionStore
  readonly attempts: AttemptStore
  readonly revocations: RevocationStore
  readonly audit: AuditStore
  readonly auditChains: AuditChainStore
  readonly signIns: SignInRecordStore
  readonly openIdAttempts: OpenIdAttemptStore
  readonly devices: DeviceStore
  readonly people: PeopleStore
  readonly guesses: GuessStore
  readonly webhooks: WebhookStore
  readonly backlog: BacklogStore
  readonly replicas: ReplicaStore
  readonly refreshOutcomes: RefreshOutcomeStore
  readonly disconnectJobs: DisconnectJobStore
  readonly closures: WorkspaceClosureStore
  readonly tenantRows: TenantRowStore
}

/** Connections to a database server. */
export interface PoolUse {
  readonly size: number
  readonly open: number
  readonly idle: number
  /** Statements that wait for one. */
  readonly waiting: number
}

/** Waiting for whoever refreshes a connection just now, in whichever process. */
export interface ConnectionWatch {
  /** Resolves when the connection has moved from the state that is watched, or nobody holds its lease any more. */
  readonly moved: Promise<void>
  end(): void
}

export interface Storage extends Stores {
  /** Begins at once: what moves after this call is not missed. */
  watch(connection: ConnectionFence): ConnectionWatch
  /**
   * Calls back when another process may have ended a key or a membership. A convenience: while nothing is heard, what was
   * found out about a credential is forgotten after a few seconds anyway.
   */
  watchAccess(tell: () => void): void
  /** All or nothing; serialized on SQLite, READ COMMITTED on PostgreSQL. Never call a provider inside. */
  transaction<T>(work: (stores: Stores) => Promise<T>): Promise<T>
  /** Absent where there is no pool. */
  readonly poolUse?: () => PoolUse
  /** Resolves when the database answers; throws StorageUnavailable. */
  ping(): Promise<void>
  /** By how many milliseconds the database's clock is ahead of this process's; 0 where they are the same. */
  clockSkewMs(): Promise<number>
  /** Tells this database from a copy of it: the same after every restart, another one after a restore elsewhere. */
  fingerprint(): Promise<string>
  /**
   * Overwrites what deleted rows have left in files that are this process's own; elsewhere it is the database server's
   * to do. False when somebody else reads the files just now.
   */
  scrub(): Promise<boolean>
  close(): Promise<void>
}

/** Whether a write that failed may have been applied all the same: a connection can die between commit and answer. */
export type FailureOutcome = "not_applied" | "unknown"

/** The database cannot be reached or does not answer: nothing was changed, or whether it was is unknown. */
export class StorageUnavailable extends Error {
  override readonly name = "StorageUnavailable"
  readonly outcome: FailureOutcome

  constructor(
    message: string,
    options: { readonly outcome?: FailureOutcome; readonly cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.outcome = options.outcome ?? "unknown"
  }
}
