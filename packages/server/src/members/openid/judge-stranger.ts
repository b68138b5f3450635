/** What becomes of somebody whose account at the provider is linked with nobody here: a pure decision. */
import { isSignInAddress } from "../../config/parse-value.ts"
import type { OpenIdSettings } from "../../config/openid.ts"
import type { OpenIdIdentity } from "./prove-identity.ts"

/** What is known here of the address that the provider names. */
export interface KnownAddress {
  /** The member who has it, if anybody. */
  readonly member: { readonly hasSecondFactor: boolean; readonly isLinked: boolean } | null
  readonly isInvited: boolean
}

export type StrangerVerdict = "sign_up" | "link" | "address_unproven" | "nobody"

/**
 * An address that the provider did not verify opens nothing. A verified one is linked with the member who has it only
 * where the operator trusts the provider for that, and never around a second factor or another account of the provider.
 */
export function judgeStranger(
  { signUp, trustsAddresses }: Pick<OpenIdSettings, "signUp" | "trustsAddresses">,
  { email, emailVerified }: Pick<OpenIdIdentity, "email" | "emailVerified">,
  { isInvited, member }: KnownAddress,
): StrangerVerdict {
  // Some providers verify every address and never say so: for new members the operator's word stands in for it.
  const isBelieved = emailVerified === true || (emailVerified === undefined && trustsAddresses)
  if (email === null || !isSignInAddress(email) || !isBelieved) return "address_unproven"
  if (!member) return signUp === "open" || isInvited ? "sign_up" : "nobody"
  const mayLink = trustsAddresses && emailVerified === true && !member.hasSecondFactor && !member.isLinked
  return mayLink ? "link" : "nobody"
}
