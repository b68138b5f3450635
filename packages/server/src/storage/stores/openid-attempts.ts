/** Sign-ins that are at the operator's OpenID provider just now. */

export interface OpenIdAttempt {
  /** SHA-256 of the `state`. */
  readonly stateHash: string
  /** SHA-256 of the secret in the cookie of the browser that began it. */
  readonly browserHash: string
  /** Who links the provider's account to their own; null: somebody signs in. */
  readonly memberId: string | null
  /** Where to go afterwards: a path of this server. */
  readonly nextPath: string
  readonly createdAt: number
  readonly expiresAt: number
}

export interface OpenIdAttemptStore {
  insert(attempt: OpenIdAttempt): Promise<void>
  /** Forgets it, in one statement: of many callbacks one gets it. */
  consume(stateHash: string): Promise<OpenIdAttempt | undefined>
  deleteExpired(now: number): Promise<void>
}
