export interface KeyringLimits {
  readonly maxKeysInMemory: number
  /** A deleted data key stops opening, and another replica's newer one is noticed, within this time. */
  readonly memoryMs: number
  /**
   * How often one data key seals, over all replicas and restarts. NIST SP 800-38D allows 2^32 random nonces under one
   * key; a restored backup may have forgotten some that were used.
   */
  readonly maxSeals: number
  /** How many of them a process reserves at a time; what it does not use is lost. */
  readonly sealBlock: number
  readonly maxAgeMs: number
}

export const defaultKeyringLimits: KeyringLimits = {
  maxKeysInMemory: 10_000,
  memoryMs: 10 * 60_000,
  maxSeals: 2 ** 30,
  sealBlock: 2 ** 16,
  maxAgeMs: 365 * 86_400_000,
}

/** What this process has taken of the data keys' budgets since its start. */
export interface SealCounts {
  reserved: number
  epochs: number
}
