/** The outbox of tokens that a provider still has to be told to forget. */
import type { CredentialSource } from "./connectors.ts"

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
  /** The job that ended the connection; null: it was ended by itself. */
  readonly jobId: string | null
}

export interface RevocationStore {
  insert(revocation: Revocation): Promise<void>
  find(workspaceId: string, id: string): Promise<Revocation | undefined>
  /** How many of a job's revocations have come to which outcome. */
  countOfJob(workspaceId: string, jobId: string): Promise<Readonly<Record<RevocationOutcome, number>>>
  countPending(workspaceId: string): Promise<number>
  /** Takes due rows for `holdMs` (their `nextTryAt` moves, `tries` counts it): no other replica tries them meanwhile. */
  takeDue(now: number, holdMs: number, limit: number): Promise<readonly Revocation[]>
  /** Final outcomes destroy the tokens. */
  settle(id: string, outcome: RevocationOutcome, detail: string | null): Promise<void>
  /** @param sealedTokens takes the place of what is stored */
  retryLater(id: string, nextTryAt: number, detail: string, sealedTokens?: Uint8Array): Promise<void>
}
