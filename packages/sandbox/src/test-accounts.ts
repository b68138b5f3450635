/** The people who can consent in the sandbox. */
import { createHash } from "node:crypto"

export interface TestAccount {
  /** Stable name of the account in forms and in the control API. */
  readonly email: string
  readonly name: string
  readonly givenName: string
  readonly familyName: string
  /** Distinct per account; providers' ids are built from it. */
  readonly number: number
}

export const testAccounts: readonly TestAccount[] = [
  { email: "ada@example.com", name: "Ada Example", givenName: "Ada", familyName: "Example", number: 1 },
  { email: "grace@example.com", name: "Grace Example", givenName: "Grace", familyName: "Example", number: 2 },
  { email: "alan@example.com", name: "Alan Example", givenName: "Alan", familyName: "Example", number: 3 },
]

/**
 * The account behind an address. Besides the three that the page offers, any address at example.com is one, so that
 * load tests can have as many accounts as they need.
 */
export function testAccount(email: string): TestAccount | null {
  const known = testAccounts.find((account) => account.email === email)
  if (known) return known
  const local = /^([a-z0-9][a-z0-9.-]{0,40})@example\.com$/.exec(email)?.[1]
  if (local === undefined) return null
  const number = 1000 + createHash("sha256").update(email).digest().readUIntBE(0, 5)
  return { email, name: `${local} Example`, givenName: local, familyName: "Example", number }
}

/** The account's number as digits of fixed width, for ids that look like a provider's. */
export function paddedNumber(account: TestAccount, width: number): string {
  return String(account.number).padStart(width, "0")
}

/** A stable UUID for an account and a purpose. */
export function accountUuid(account: TestAccount, purpose: string): string {
  const hex = createHash("sha256").update(`${purpose}:${account.email}`).digest("hex")
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`
}
