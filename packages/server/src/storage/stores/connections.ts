/** Grants: whose they are, their sealed tokens, and the lease of whoever refreshes one. */
import type { CredentialSource } from "./connectors.ts"
import type { Covers } from "./disconnect-jobs.ts"

export type OwnerKind = "app" | "app_user"

export type ConnectionStatus = "active" | "expired" | "disconnected"

/** The place in an app that one connection fills: `type:slack` or `connector:con_…`. */
export type Slot = string

export interface ConnectionAddress {
  readonly workspaceId: string
  readonly appId: string
  readonly ownerKind: OwnerKind
  /** The app user's id; empty for shared connections. */
  readonly ownerId: string
  readonly slot: Slot
}

/** Trouble at the provider on an active connection, or the reason why a grant died. */
export interface ProviderTrouble {
  /** How the protocol client classified it, e.g. `transient` or `client_misconfigured`. */
  readonly kind: string
  /** The provider's own error code, else ours. */
  readonly code: string
  readonly message: string
  readonly at: number
}

export interface Connection extends ConnectionAddress {
  readonly id: string
  readonly type: string
  readonly connectorId: string | null
  readonly credentialSource: CredentialSource
  /** The member who consented; null for app users' connections. */
  readonly connectedBy: string | null
  readonly status: ConnectionStatus
  readonly requestedScopes: readonly string[]
  /** null: the provider names none. */
  readonly grantedScopes: readonly string[] | null
  readonly accountId: string | null
  readonly accountLabel: string | null
  readonly config: Readonly<Record<string, string>>
  readonly sealedAccessToken: Uint8Array | null
  readonly sealedRefreshToken: Uint8Array | null
  readonly issuedAt: number | null
  /** When the access token dies; null: the provider names no time. */
  readonly expiresAt: number | null
  /** When a refresh becomes due: before `expiresAt`, or by the catalogue's assumption; null: never. */
  readonly refreshDueAt: number | null
  /** Counts grants: moves with every connect and disconnect, never with a refresh. */
  readonly generation: number
  /** Counts writes: moves with every change of tokens or status. */
  readonly version: number
  readonly leaseOwner: string | null
  /** By the database's clock. */
  readonly leaseUntil: number | null
  /** Failed refreshes since the last good one. */
  readonly failures: number
  /** No provider call before this time, after failures or a 429. */
  readonly retryAt: number | null
  readonly lastRefreshError: ProviderTrouble | null
  readonly lastRefreshedAt: number | null
  readonly statusChangedAt: number
  readonly createdAt: number
  readonly updatedAt: number
}

/** What a consent or an account replacement writes. */
export interface GrantWrite extends ConnectionAddress {
  readonly id: string
  readonly type: string
  readonly connectorId: string | null
  readonly credentialSource: CredentialSource
  readonly connectedBy: string | null
  readonly requestedScopes: readonly string[]
  readonly grantedScopes: readonly string[] | null
  readonly accountId: string | null
  readonly accountLabel: string | null
  readonly config: Readonly<Record<string, string>>
  readonly generation: number
  readonly sealedAccessToken: Uint8Array
  readonly sealedRefreshToken: Uint8Array | null
  readonly issuedAt: number
  readonly expiresAt: number | null
  readonly refreshDueAt: number | null
  /** When it is refreshed although nobody asks; null: never. */
  readonly refreshAheadAt: number | null
  readonly now: number
}

/** Names one state of a connection: a write applies only while this still holds. */
export interface ConnectionFence {
  readonly workspaceId: string
  readonly id: string
  readonly generation: number
  readonly version: number
}

export interface RefreshWrite {
  readonly sealedAccessToken: Uint8Array
  /** undefined keeps the stored one. */
  readonly sealedRefreshToken?: Uint8Array
  /** undefined keeps what is stored. */
  readonly grantedScopes?: readonly string[]
  readonly config: Readonly<Record<string, string>>
  readonly issuedAt: number
  readonly expiresAt: number | null
  readonly refreshDueAt: number | null
  /** When it is refreshed although nobody asks; null: never. */
  readonly refreshAheadAt: number | null
  readonly now: number
}

export interface ConnectionQuery {
  readonly workspaceId: string
  readonly appId: string
  readonly ownerKind?: OwnerKind
  readonly ownerId?: string
  readonly connectorId?: string
  readonly statuses?: readonly ConnectionStatus[]
  /** Continues after this address, the last of the page before. */
  readonly after?: Pick<ConnectionAddress, "ownerKind" | "ownerId" | "slot">
  readonly limit: number
}

export interface WorkspacePage {
  readonly workspaceId: string
  /** null: whichever app's. */
  readonly appId: string | null
  /** The last of the page before. */
  readonly after: Omit<ConnectionAddress, "workspaceId"> | null
  readonly limit: number
}

/** How many connections of one type are in one status. */
export interface ConnectionCounts {
  readonly type: string
  readonly status: ConnectionStatus
  readonly count: number
  /** Whose last refresh failed, or whose grant ended with a reason. */
  readonly troubled: number
  /** Active ones whose refresh is due. */
  readonly due: number
  /** Since when the longest due of them has been; null: none is. */
  readonly oldestDueAt: number | null
  /** Refreshed since the time that was asked for. */
  readonly refreshed: number
}

/** What an app's users have connected, by the beginning of a text. */
export interface UserSearch {
  readonly workspaceId: string
  readonly appId: string
  readonly text: string
  readonly limit: number
}

/** `accountKey`: what the list by account names is ordered by. */
export interface NamedConnection {
  readonly connection: Connection
  readonly accountKey: string
}

/** Which OAuth client serves a connection, as its row says it: a connector's id, or `operator:slack`. */
export type DueClient = string

export interface ConnectionStore {
  /** The hot path: one point read. What it returns is frozen and may be shared. None of a workspace that is being closed. */
  findByAddress(address: ConnectionAddress): Promise<Connection | undefined>
  /** The same without waiting, where an exact cache holds the row; undefined says nothing. Never on PostgreSQL. */
  findByAddressCached(address: ConnectionAddress): Connection | undefined
  findById(workspaceId: string, id: string): Promise<Connection | undefined>
  listByApp(workspaceId: string, appId: string, ownerKind: OwnerKind): Promise<readonly Connection[]>
  /** A page of an app's connections in the order of their addresses. */
  listPage(query: ConnectionQuery): Promise<readonly Connection[]>
  /** Those of users whose id begins with the text, in the order of ids. */
  listByUserStart(
    search: UserSearch,
    after?: Pick<ConnectionAddress, "ownerId" | "slot">,
  ): Promise<readonly Connection[]>
  /** Those whose account's name begins with the text, in whichever case, and whose user's id does not; in that order. */
  listByAccountStart(
    search: UserSearch,
    after?: { readonly accountKey: string; readonly id: string },
  ): Promise<readonly NamedConnection[]>
  /** A page of a connector's connections, whichever app's, in the order of their ids. */
  listByConnector(
    workspaceId: string,
    connectorId: string,
    page: { readonly limit: number; readonly after?: string },
  ): Promise<readonly Connection[]>
  /** A page of all connections, in the order of their addresses. */
  listEverything(page: WorkspacePage): Promise<readonly Connection[]>
  /** How many that are not disconnected a job would end. */
  countCovered(workspaceId: string, covers: Covers): Promise<number>
  /** A page of the shared connections that a member consented to, in the order of their ids; none that is disconnected. */
  listByMember(
    workspaceId: string,
    memberId: string,
    page: { readonly limit: number; readonly after?: string },
  ): Promise<readonly Connection[]>
  /** A workspace's connections, counted by type and status. */
  countHealth(
    workspaceId: string,
    times: { readonly now: number; readonly refreshedSince: number },
  ): Promise<readonly ConnectionCounts[]>
  /**
   * Other active connections that live on the same account at the same OAuth client. The operator's client serves all
   * workspaces, so that its connections count wherever they are; `typesOfClient` names the types that it serves
   * (default: the connection's own).
   */
  countSharingGrant(
    connection: Pick<
      Connection,
      "id" | "workspaceId" | "type" | "connectorId" | "credentialSource" | "accountId"
    >,
    typesOfClient?: readonly string[],
  ): Promise<number>
  /**
   * Inserts, or replaces the grant of the row with this id if it is still at `generation - 1`; false when neither
   * applies: the place is taken, the generation has moved, or the app or connector is gone.
   */
  saveGrant(grant: GrantWrite): Promise<boolean>
  /**
   * Takes the refresh lease in one statement, by the database's clock, if the fence holds and no live lease exists.
   * The version does not move.
   */
  acquireLease(fence: ConnectionFence, leaseOwner: string, leaseMs: number): Promise<boolean>
  releaseLease(workspaceId: string, id: string, leaseOwner: string): Promise<void>
  /** The OAuth clients, of any workspace, that have connections to refresh ahead of time. */
  listDueClients(now: number): Promise<readonly DueClient[]>
  /**
   * Takes the leases of up to `limit` active connections of one OAuth client that are to be refreshed ahead of time, the
   * longest due first unless told otherwise, in one statement. Replicas get different rows.
   */
  leaseDue(query: {
    readonly client: DueClient
    readonly now: number
    readonly limit: number
    readonly newestFirst?: boolean
    readonly leaseOwner: string
    readonly leaseMs: number
  }): Promise<readonly Connection[]>
  /** Gives back a lease that was taken ahead of time, and leaves the connection alone until then. */
  postponeRefresh(
    connection: Pick<Connection, "workspaceId" | "id">,
    leaseOwner: string,
    until: number,
  ): Promise<void>
  /**
   * Compare-and-set on generation, version and lease owner; ends the lease and moves the version. Without an owner it
   * ends whoever's lease there is: for a grant that is at hand and would be lost.
   */
  commitRefresh(fence: ConnectionFence, leaseOwner: string | null, write: RefreshWrite): Promise<boolean>
  /** Records trouble on an active connection and ends the lease; same fence. The version moves so that waiters wake. */
  recordRefreshFailure(
    fence: ConnectionFence,
    leaseOwner: string,
    trouble: ProviderTrouble,
    retryAt: number | null,
  ): Promise<boolean>
  /** The provider's word that the grant is dead: status `expired`; the refresh token is destroyed. Same fence. */
  markExpired(fence: ConnectionFence, leaseOwner: string, trouble: ProviderTrouble): Promise<boolean>
  /** Destroys tokens, moves generation and version, ends any lease; false when there is no such row. */
  disconnect(workspaceId: string, id: string, now: number): Promise<boolean>
  remove(workspaceId: string, id: string): Promise<boolean>
}
