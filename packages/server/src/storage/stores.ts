/**
 * What the server keeps, and the questions it asks of it. Every call carries its tenant (`workspaceId`), except the
 * few that find out who the tenant is. Times are integer milliseconds since the epoch; sealed values are opaque bytes.
 */

import type { DeviceStore, GuessStore, PeopleStore, SignInRecordStore } from "./member-stores.ts"
import type { BacklogStore } from "./backlog.ts"
import type { WebhookStore } from "./webhook-stores.ts"

export type Role = "owner" | "admin" | "editor" | "viewer"

export interface Workspace {
  readonly id: string
  readonly name: string
  readonly plan: string
  /** The member whose personal workspace this is; null for shared ones. */
  readonly personalOf: string | null
  readonly createdAt: number
}

export interface Member {
  readonly id: string
  readonly email: string
  readonly name: string
  readonly createdAt: number
}

export interface Membership {
  readonly workspaceId: string
  readonly memberId: string
  readonly role: Role
}

export interface NewApp {
  readonly id: string
  readonly workspaceId: string
  readonly name: string
  readonly createdBy: string
  readonly createdAt: number
}

/** How an app user's consent ends: with the click on the connect page, or with a call by the user's own session. */
export type ConnectCompletion = "confirm" | "verified"

export interface AppSettings {
  /** Where backend functions run: a URL without a slash at the end; null: nowhere yet. */
  readonly functionsUpstream: string | null
  readonly backendFunctionsEnabled: boolean
  readonly connectCompletion: ConnectCompletion
}

export interface App extends NewApp, AppSettings {}

/** Whose tokens an app takes as its users'. */
export interface IdentityIssuer {
  readonly id: string
  readonly workspaceId: string
  readonly appId: string
  /** `iss` of its tokens, exactly. */
  readonly issuer: string
  /** What `aud` must name. */
  readonly audience: string
  /** Where its keys are; null: they are pinned. */
  readonly jwksUrl: string | null
  /** The pinned keys: a JWK Set as JSON. */
  readonly jwksJson: string | null
  readonly createdAt: number
}

/** A workspace's key for the tokens that Grantry itself gives out. */
export interface SigningKey {
  /** `kid` of what it signed. */
  readonly id: string
  readonly workspaceId: string
  readonly publicJwkJson: string
  readonly sealedPrivateJwk: Uint8Array
  readonly createdAt: number
}

/** A key is stored as the SHA-256 of its secret; `prefix` is the part that may be shown. */
export interface ApiKey {
  readonly id: string
  readonly workspaceId: string
  readonly memberId: string
  readonly name: string
  readonly prefix: string
  readonly createdAt: number
  readonly lastUsedAt: number | null
}

export interface ServiceKey {
  readonly id: string
  readonly workspaceId: string
  readonly appId: string
  readonly name: string
  readonly prefix: string
  readonly createdAt: number
  readonly lastUsedAt: number | null
}

/** A workspace's data key, wrapped by the master key `masterKeyId`. */
export interface DataKey {
  readonly id: string
  readonly workspaceId: string
  readonly masterKeyId: string
  readonly wrapped: Uint8Array
  readonly createdAt: number
}

/** Where an OAuth client's credentials come from. */
export type CredentialSource = "byo" | "operator" | "sandbox"

export interface Connector {
  readonly id: string
  readonly workspaceId: string
  readonly type: string
  readonly name: string
  readonly credentialSource: CredentialSource
  readonly clientId: string | null
  readonly sealedClientSecret: Uint8Array | null
  readonly scopes: readonly string[]
  readonly config: Readonly<Record<string, string>>
  /** What the provider said when it last rejected this client; null while it accepts it. */
  readonly clientProblem: string | null
  readonly version: number
  readonly createdAt: number
  readonly updatedAt: number
}

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

/** How many connections of one type are in one status. */
export interface ConnectionCounts {
  readonly type: string
  readonly status: ConnectionStatus
  readonly count: number
  /** Whose last refresh failed, or whose grant ended with a reason. */
  readonly troubled: number
  /** Active ones whose refresh is due. */
  readonly due: number
  /** Refreshed since the time that was asked for. */
  readonly refreshed: number
}

/** Which OAuth client serves a connection, as its row says it: a connector's id, or `operator:slack`. */
export type DueClient = string

export interface ConnectionStore {
  /** The hot path: one point read. What it returns is frozen and may be shared. */
  findByAddress(address: ConnectionAddress): Promise<Connection | undefined>
  /** The same without waiting, where an exact cache holds the row; undefined says nothing. Never on PostgreSQL. */
  findByAddressCached(address: ConnectionAddress): Connection | undefined
  findById(workspaceId: string, id: string): Promise<Connection | undefined>
  listByApp(workspaceId: string, appId: string, ownerKind: OwnerKind): Promise<readonly Connection[]>
  /** A page of an app's connections in the order of their addresses. */
  listPage(query: ConnectionQuery): Promise<readonly Connection[]>
  /** A page of a connector's connections, whichever app's, in the order of their ids. */
  listByConnector(
    workspaceId: string,
    connectorId: string,
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
   * longest due first, in one statement. Replicas get different rows.
   */
  leaseDue(query: {
    readonly client: DueClient
    readonly now: number
    readonly limit: number
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

export type AttemptStatus =
  | "pending"
  | "at_provider"
  | "exchanging"
  | "verify_user"
  | "confirm_account"
  | "connected"
  | "failed"

/** One authorization in flight. */
export interface Attempt extends ConnectionAddress {
  readonly id: string
  readonly type: string
  readonly connectorId: string | null
  readonly credentialSource: CredentialSource
  /** The connection that will hold the grant: an existing one, or an id kept free for it. */
  readonly connectionId: string
  /** The member who started it; null for app users. */
  readonly startedBy: string | null
  /** How the connect page names the app user; null for members, who are looked up. */
  readonly askedBy: string | null
  /** Takes the place of a colleague's connection too. */
  readonly forceReconnect: boolean
  readonly requestedScopes: readonly string[]
  readonly config: Readonly<Record<string, string>>
  /** The account that the provider should offer first. */
  readonly loginHint: string | null
  readonly status: AttemptStatus
  /** Shown by `GET status` and the final page. */
  readonly errorCode: string | null
  readonly errorMessage: string | null
  /** SHA-256 of the browser's cookie; set when the person goes to the provider. */
  readonly browserHash: string | null
  readonly stateHash: string | null
  readonly sealedVerifier: Uint8Array | null
  /** The app's page to go back to: what stands in its address is the app's own. */
  readonly sealedReturnTo: Uint8Array | null
  /** A callback whose code waits until the app's page says who the user is: its parameters as JSON, sealed. */
  readonly sealedCallback: Uint8Array | null
  /** SHA-256 of the handle with which that page ends the attempt. */
  readonly handleHash: string | null
  /** A new grant that waits for "replace A by B?": JSON, sealed. */
  readonly sealedGrant: Uint8Array | null
  readonly createdAt: number
  readonly expiresAt: number
}

export interface AttemptStore {
  insert(attempt: Attempt): Promise<void>
  find(id: string): Promise<Attempt | undefined>
  /** The newest attempt of this member for this connection. */
  findLatest(query: {
    readonly workspaceId: string
    readonly appId: string
    readonly connectionId: string
    readonly startedBy: string
  }): Promise<Attempt | undefined>
  /** pending or at_provider → at_provider, with a new state: a second click starts over. False when it is past that or has expired. */
  sendToProvider(
    id: string,
    now: number,
    set: {
      readonly browserHash: string
      readonly stateHash: string
      readonly sealedVerifier: Uint8Array | null
      readonly config: Readonly<Record<string, string>>
    },
  ): Promise<boolean>
  /** at_provider → exchanging, in one statement; the attempt as it was, for the one caller who gets it. */
  consumeState(stateHash: string): Promise<Attempt | undefined>
  /** exchanging → verify_user; false when the attempt has ended meanwhile. */
  holdForUser(
    id: string,
    held: { readonly sealedCallback: Uint8Array; readonly handleHash: string; readonly expiresAt: number },
  ): Promise<boolean>
  findByHandle(query: {
    readonly workspaceId: string
    readonly appId: string
    readonly handleHash: string
  }): Promise<Attempt | undefined>
  /** verify_user → exchanging, in one statement; the attempt as it was, for the one caller who gets it. */
  takeHeldCallback(id: string): Promise<Attempt | undefined>
  /** exchanging → confirm_account; false when the attempt has ended meanwhile. */
  holdForConfirmation(id: string, sealedGrant: Uint8Array, expiresAt: number): Promise<boolean>
  /**
   * confirm_account → exchanging, in one statement; the attempt as it was, for the one caller who gets it. Save the
   * grant and finish in one transaction: an attempt that is left exchanging ends with its grant revoked.
   */
  takeHeldGrant(id: string): Promise<Attempt | undefined>
  /** Ends the attempt and destroys what it keeps sealed. */
  finish(
    id: string,
    outcome:
      | { readonly status: "connected" }
      | { readonly status: "failed"; readonly errorCode: string; readonly errorMessage: string },
  ): Promise<void>
  /**
   * Other attempts of the same member for the same connection that have not come back from the provider end as failed.
   * One that holds a grant is made stale, so that the grant is revoked.
   */
  supersede(attempt: Pick<Attempt, "workspaceId" | "connectionId" | "startedBy" | "id">): Promise<void>
  /** Attempts that nobody finished in time, the oldest first. */
  listStale(now: number, limit: number): Promise<readonly Attempt[]>
  /** Ends those of them that still are stale. @returns their ids */
  expire(ids: readonly string[], now: number): Promise<readonly string[]>
  /** Forgets ended attempts whose time was over before this. */
  deleteEnded(before: number): Promise<void>
}

export type RevocationOutcome = "pending" | "revoked" | "unsupported" | "failed"

/** A token that the provider still has to be told to forget. */
export interface Revocation {
  readonly id: string
  readonly workspaceId: string
  readonly appId: string
  readonly connectionId: string
  readonly type: string
  readonly connectorId: string | null
  readonly credentialSource: CredentialSource
  readonly config: Readonly<Record<string, string>>
  /** JSON of both tokens, sealed for this record; null once the outcome is final. */
  readonly sealedTokens: Uint8Array | null
  readonly outcome: RevocationOutcome
  readonly tries: number
  readonly nextTryAt: number
  readonly detail: string | null
  readonly createdAt: number
}

export interface RevocationStore {
  insert(revocation: Revocation): Promise<void>
  find(workspaceId: string, id: string): Promise<Revocation | undefined>
  /** Takes due rows for `holdMs` (their `nextTryAt` moves, `tries` counts it): no other replica tries them meanwhile. */
  takeDue(now: number, holdMs: number, limit: number): Promise<readonly Revocation[]>
  /** Final outcomes destroy the tokens. */
  settle(id: string, outcome: RevocationOutcome, detail: string | null): Promise<void>
  /** @param sealedTokens takes the place of what is stored */
  retryLater(id: string, nextTryAt: number, detail: string, sealedTokens?: Uint8Array): Promise<void>
}

export interface AuditEvent {
  readonly id: string
  readonly workspaceId: string
  readonly appId: string | null
  /** `member:…`, `service:…`, `app_user:…` or `system`. */
  readonly actor: string
  /** Noun and verb, e.g. `connection.connect`, `token.read`. */
  readonly action: string
  readonly target: string | null
  readonly outcome: string
  /** How often it happened between `at` and `until`: reads of one token by one caller are summed. */
  readonly count: number
  readonly at: number
  readonly until: number
  readonly address: string | null
  readonly requestId: string | null
}

export interface AuditQuery {
  readonly action?: string
  readonly actor?: string
  /** What it was done to, e.g. a connection's id. */
  readonly target?: string
  readonly appId?: string
  /** Milliseconds, inclusive. */
  readonly since?: number
  /** Milliseconds, exclusive. */
  readonly until?: number
  /** Continues after this event of the page before. */
  readonly after?: { readonly at: number; readonly id: string }
  readonly limit: number
}

export interface AuditStore {
  /** An event whose id is on record already is left as it is: a batch may be sent twice. */
  append(events: readonly AuditEvent[]): Promise<void>
  /** Newest first. */
  list(workspaceId: string, query: AuditQuery): Promise<readonly AuditEvent[]>
}

export interface AccountStore {
  /** Throws AlreadyExists, also when this member has a personal workspace. */
  insertWorkspace(workspace: Workspace): Promise<void>
  findWorkspace(id: string): Promise<Workspace | undefined>
  /** The member's own first. */
  listWorkspaces(memberId: string): Promise<readonly (Workspace & { readonly role: Role })[]>
  /** Addresses are compared without regard to case. Throws AlreadyExists. */
  insertMember(member: Member): Promise<void>
  findMember(id: string): Promise<Member | undefined>
  findMemberByEmail(email: string): Promise<Member | undefined>
  /** Throws AlreadyExists when somebody else has the address. */
  updateMember(id: string, change: { readonly name?: string; readonly email?: string }): Promise<boolean>
  /** Throws AlreadyExists. */
  insertMembership(membership: Membership): Promise<void>
  findMembership(workspaceId: string, memberId: string): Promise<Membership | undefined>
}

export interface AppStore {
  /** With the settings that every app begins with. */
  insert(app: NewApp): Promise<void>
  find(workspaceId: string, id: string): Promise<App | undefined>
  /** The app, if it belongs to one of these workspaces. */
  findIn(workspaceIds: readonly string[], id: string): Promise<App | undefined>
  list(workspaceIds: readonly string[]): Promise<readonly App[]>
  /** A user's token and a call of a function name the app alone. */
  findAnywhere(id: string): Promise<App | undefined>
  /** What is absent stays. */
  update(workspaceId: string, id: string, changes: Partial<AppSettings & Pick<App, "name">>): Promise<boolean>
  /** Normalised, as browsers send them in `Origin`; in order. */
  listAllowedOrigins(workspaceId: string, appId: string): Promise<readonly string[]>
  /** All of them, in one transaction; false when there is no such app. */
  replaceAllowedOrigins(workspaceId: string, appId: string, origins: readonly string[]): Promise<boolean>
  /** For a browser's call, which names the app alone. */
  allowsOrigin(appId: string, origin: string): Promise<boolean>
  /**
   * Removes the app with its keys, origins, issuers and disconnected connections; false when there is no such app. Throws
   * StillInUse while a connection is not disconnected.
   */
  remove(workspaceId: string, id: string): Promise<boolean>
}

export interface KeyStore {
  insertApiKey(key: ApiKey, hash: Uint8Array): Promise<void>
  findApiKeyByHash(hash: Uint8Array): Promise<(ApiKey & { readonly role: Role }) | undefined>
  listApiKeys(workspaceId: string): Promise<readonly ApiKey[]>
  deleteApiKey(workspaceId: string, id: string): Promise<boolean>
  insertServiceKey(key: ServiceKey, hash: Uint8Array): Promise<void>
  findServiceKeyByHash(hash: Uint8Array): Promise<ServiceKey | undefined>
  listServiceKeys(workspaceId: string, appId: string): Promise<readonly ServiceKey[]>
  deleteServiceKey(workspaceId: string, appId: string, id: string): Promise<boolean>
  /** Batched; ids of either kind. */
  touch(uses: readonly { readonly id: string; readonly at: number }[]): Promise<void>
}

export interface IdentityIssuerStore {
  /** `taken` when the app trusts this issuer for this audience already, `gone` when there is no such app. */
  insert(issuer: IdentityIssuer): Promise<"inserted" | "taken" | "gone">
  list(workspaceId: string, appId: string): Promise<readonly IdentityIssuer[]>
  remove(workspaceId: string, appId: string, id: string): Promise<boolean>
}

export interface SigningKeyStore {
  insert(key: SigningKey): Promise<void>
  find(workspaceId: string, id: string): Promise<SigningKey | undefined>
  /** The newest: new tokens are signed with it. */
  findCurrent(workspaceId: string): Promise<SigningKey | undefined>
  /** Forgets the workspace's keys that were made before this, but never the newest. */
  removeOlder(workspaceId: string, createdBefore: number): Promise<void>
}

export interface ConnectorStore {
  /** False when the name is taken in this workspace. */
  insert(connector: Connector): Promise<boolean>
  find(workspaceId: string, id: string): Promise<Connector | undefined>
  /** The callback knows only the connector's id from its path. */
  findAnywhere(id: string): Promise<Connector | undefined>
  list(workspaceId: string): Promise<readonly Connector[]>
  /** The oldest of a type: the one that type-addressed calls use. */
  findByType(workspaceId: string, type: string): Promise<Connector | undefined>
  /** Compare-and-set on version, which moves by one; `name_taken` when another connector has the new name. */
  update(connector: Connector, expectedVersion: number): Promise<"updated" | "stale" | "name_taken">
  setClientProblem(workspaceId: string, id: string, problem: string | null): Promise<void>
  /**
   * Removes the connector with its disconnected connections; false when there is no such connector. Throws StillInUse
   * while a connection is not disconnected.
   */
  remove(workspaceId: string, id: string): Promise<boolean>
}

export interface DataKeyStore {
  insert(key: DataKey): Promise<void>
  find(workspaceId: string, id: string): Promise<DataKey | undefined>
  /** The newest: new seals use it. */
  findCurrent(workspaceId: string): Promise<DataKey | undefined>
  /** Keys of any workspace that this master key does not wrap: what a rotation still has to do. */
  listWrappedByOthers(masterKeyId: string, limit: number): Promise<readonly DataKey[]>
  /** Replaces the wrapping; false when the key is gone or another master key has wrapped it meanwhile. */
  rewrap(key: DataKey, next: { readonly masterKeyId: string; readonly wrapped: Uint8Array }): Promise<boolean>
}

export interface MetaStore {
  get(key: string): Promise<string | undefined>
  /** Writes only if the key is absent; the value that now stands. */
  putIfAbsent(key: string, value: string): Promise<string>
  put(key: string, value: string): Promise<void>
  delete(key: string): Promise<boolean>
}

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
  readonly signIns: SignInRecordStore
  readonly devices: DeviceStore
  readonly people: PeopleStore
  readonly guesses: GuessStore
  readonly webhooks: WebhookStore
  readonly backlog: BacklogStore
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
