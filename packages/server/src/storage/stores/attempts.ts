/** Authorizations in flight. */
import type { ConnectionAddress } from "./connections.ts"
import type { CredentialSource } from "./connectors.ts"

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
  /**
   * Ends the attempt and destroys what it keeps sealed. False when it has ended before: then nothing may come of it.
   */
  finish(
    id: string,
    outcome:
      | { readonly status: "connected" }
      | { readonly status: "failed"; readonly errorCode: string; readonly errorMessage: string },
  ): Promise<boolean>
  /**
   * Of the whole workspace, or of one member there. One that holds a grant is made stale, so that the grant is revoked;
   * what is with the provider just now comes to nothing.
   */
  endUnfinished(whose: { readonly workspaceId: string; readonly startedBy?: string }): Promise<void>
  /**
   * Other attempts of the same member for the same connection that have not come back from the provider end as failed.
   * One that holds a grant is made stale, so that the grant is revoked.
   */
  supersede(attempt: Pick<Attempt, "workspaceId" | "connectionId" | "startedBy" | "id">): Promise<void>
  /** Whether a grant is held that waits for an answer, or to be revoked. */
  anyHeldGrant(workspaceId: string): Promise<boolean>
  /** Attempts that nobody finished in time, the oldest first. */
  listStale(now: number, limit: number): Promise<readonly Attempt[]>
  /** Ends those of them that still are stale. @returns their ids */
  expire(ids: readonly string[], now: number): Promise<readonly string[]>
  /** Forgets ended attempts whose time was over before this. */
  deleteEnded(before: number): Promise<void>
}
