import { expect, test } from "vitest"
import { judgeStranger, type StrangerVerdict } from "./judge-stranger.ts"

interface Case {
  readonly what: string
  readonly verified?: boolean | undefined
  readonly trusts?: boolean
  readonly signUp?: "open" | "invited"
  readonly isInvited?: boolean
  readonly email?: string | null
  readonly member?: { readonly hasSecondFactor?: boolean; readonly isLinked?: boolean }
  readonly verdict: StrangerVerdict
}

const unsaid = { verified: undefined }
const cases: readonly Case[] = [
  { what: "a stranger", verdict: "nobody" },
  { what: "a stranger where sign-up is open", signUp: "open", verdict: "sign_up" },
  { what: "somebody who was invited", isInvited: true, verdict: "sign_up" },
  {
    what: "an unverified address that was invited",
    isInvited: true,
    verified: false,
    verdict: "address_unproven",
  },
  { what: "an address of which nothing is said", isInvited: true, ...unsaid, verdict: "address_unproven" },
  { what: "the same at a trusted provider", isInvited: true, trusts: true, ...unsaid, verdict: "sign_up" },
  {
    what: "an unverified one at a trusted provider",
    isInvited: true,
    trusts: true,
    verified: false,
    verdict: "address_unproven",
  },
  { what: "no address", signUp: "open", email: null, verdict: "address_unproven" },
  {
    what: "an address that nobody can sign in with",
    signUp: "open",
    email: "owner@localhost",
    verdict: "address_unproven",
  },
  { what: "a member's address", member: {}, verdict: "nobody" },
  { what: "a member's address where sign-up is open", signUp: "open", member: {}, verdict: "nobody" },
  { what: "a member's address at a trusted provider", trusts: true, member: {}, verdict: "link" },
  { what: "the same without a word on verification", trusts: true, ...unsaid, member: {}, verdict: "nobody" },
  {
    what: "that of a member with a second factor",
    trusts: true,
    member: { hasSecondFactor: true },
    verdict: "nobody",
  },
  {
    what: "that of a member with another account there",
    trusts: true,
    member: { isLinked: true },
    verdict: "nobody",
  },
]

test.each(cases)("$what: $verdict", (given) => {
  const { email = "ada@example.com", isInvited = false, member, signUp = "invited", trusts = false } = given
  const emailVerified = "verified" in given ? given.verified : true
  const known = member ? { hasSecondFactor: false, isLinked: false, ...member } : null
  const verdict = judgeStranger(
    { signUp, trustsAddresses: trusts },
    { email, emailVerified },
    { isInvited, member: known },
  )
  expect(verdict).toBe(given.verdict)
})
