/** What is kept of members' sign-ins: sessions, device logins, invitations. Secrets are kept as their SHA-256. */
import type { Role } from "./accounts.ts"

/** The tables of the sign-in library, under its own names for them. */
export type SignInTable = "session" | "account" | "twoFactor" | "verification"

/** By the library's field names; times are milliseconds. */
export type SignInRecord = Readonly<Record<string, string | number | null>>

export interface SignInCondition {
  readonly field: string
  readonly operator: "eq" | "ne" | "lt" | "lte" | "gt" | "gte" | "in"
  readonly value: string | number | null | readonly (string | number)[]
}

export interface SignInQuery {
  readonly where: readonly SignInCondition[]
  readonly limit?: number
  readonly offset?: number
}

/** Rows of the library's own tables: it says which, by field; a field that has no column is refused. */
export interface SignInRecordStore {
  /** Throws AlreadyExists. */
  insert(table: SignInTable, record: SignInRecord): Promise<void>
  list(table: SignInTable, query: SignInQuery): Promise<readonly SignInRecord[]>
  update(table: SignInTable, where: readonly SignInCondition[], set: SignInRecord): Promise<number>
  remove(table: SignInTable, where: readonly SignInCondition[]): Promise<number>
  count(table: SignInTable, where: readonly SignInCondition[]): Promise<number>
  /** Whose session this is and until when; one point read. */
  findSession(
    tokenHash: string,
  ): Promise<{ readonly memberId: string; readonly expiresAt: number } | undefined>
  deleteExpiredSessions(now: number): Promise<void>
}

export type DeviceCodeStatus = "pending" | "approved" | "denied"

/** One device login that waits for its person. */
export interface DeviceCode {
  readonly id: string
  readonly clientId: string
  readonly scope: string
  readonly status: DeviceCodeStatus
  /** Who approved it. */
  readonly memberId: string | null
  /** From where it was asked for. */
  readonly address: string | null
  readonly createdAt: number
  readonly expiresAt: number
  readonly polledAt: number | null
}

export interface DeviceLogin {
  readonly id: string
  readonly memberId: string
  readonly clientId: string
  readonly scope: string
  readonly createdAt: number
}

export interface DeviceToken {
  readonly loginId: string
  readonly kind: "access" | "refresh"
  readonly expiresAt: number
  /** When a refresh token was first exchanged; null for one that still stands. */
  readonly usedAt: number | null
}

export interface DeviceStore {
  insertCode(code: DeviceCode, deviceHash: Uint8Array, userHash: Uint8Array): Promise<void>
  /** One that waits for an answer. */
  findPending(userHash: Uint8Array, now: number): Promise<DeviceCode | undefined>
  /** pending → approved or denied, in one statement; false when it is over or was answered. */
  decide(
    id: string,
    decision: { readonly status: "approved" | "denied"; readonly memberId: string; readonly now: number },
  ): Promise<boolean>
  /** The code as it was before this poll. */
  poll(deviceHash: Uint8Array, now: number): Promise<DeviceCode | undefined>
  /** Forgets the code; true for the one caller who did. */
  consume(id: string): Promise<boolean>
  insertLogin(login: DeviceLogin): Promise<void>
  insertToken(token: DeviceToken, hash: Uint8Array): Promise<void>
  findToken(hash: Uint8Array): Promise<(DeviceToken & { readonly login: DeviceLogin }) | undefined>
  /** True for the one caller who used it first. */
  useToken(hash: Uint8Array, now: number): Promise<boolean>
  /** With its tokens. */
  removeLogin(id: string): Promise<void>
  /** With those that the member has approved and no program has fetched yet. @returns how many logins */
  removeLoginsOf(memberId: string): Promise<number>
  /** Codes and tokens that are over, and logins without any token. */
  deleteExpired(now: number): Promise<void>
}

/** Somebody who was asked to join a workspace and has not yet. */
export interface Invitation {
  readonly id: string
  readonly workspaceId: string
  readonly email: string
  readonly role: Role
  readonly invitedBy: string
  readonly createdAt: number
  readonly expiresAt: number
}

/** A member of a workspace, or an invitation to it. */
export interface WorkspacePerson {
  readonly id: string
  readonly email: string
  /** null: invited, and not here yet. */
  readonly name: string | null
  readonly role: Role
  /** A code is asked for at sign-in; false for invitations. */
  readonly hasSecondFactor: boolean
  /** When the invitation ends; null for members. */
  readonly expiresAt: number | null
}

export interface PeopleStore {
  /** By address; `after` continues behind the last one of the page before. */
  list(
    workspaceId: string,
    query: {
      readonly now: number
      readonly limit: number
      readonly after?: { readonly emailKey: string; readonly id: string }
    },
  ): Promise<readonly WorkspacePerson[]>
  /** Replaces an earlier invitation of the same address. */
  invite(invitation: Invitation, secretHash: string): Promise<void>
  findInvitation(secretHash: string, now: number): Promise<Invitation | undefined>
  isInvited(email: string, now: number): Promise<boolean>
  /** True for the one caller who did. */
  removeInvitation(workspaceId: string, id: string): Promise<boolean>
  deleteExpiredInvitations(now: number): Promise<void>
  /** Makes every other change of this workspace's roles wait until the transaction ends. */
  lockWorkspace(workspaceId: string): Promise<void>
  countOwners(workspaceId: string): Promise<number>
  setRole(workspaceId: string, memberId: string, role: Role): Promise<boolean>
  /** With the member's API keys of that workspace and the invitations to it that they made. */
  removeMember(workspaceId: string, memberId: string): Promise<boolean>
}

export interface GuessStore {
  /** Counts one; the count of the window that runs, and when it ends. */
  take(
    key: string,
    now: number,
    windowMs: number,
  ): Promise<{ readonly count: number; readonly endsAt: number }>
  /** It was no guess after all. */
  giveBack(key: string): Promise<void>
  deleteEnded(now: number): Promise<void>
}
