/** Somebody whom the provider knows and nobody here is linked with: becomes a member, is linked with one, or is refused. */
import { newId } from "../../random.ts"
import type { Services } from "../../services.ts"
import type { Stores } from "../../storage/storage.ts"
import { insertWithPersonalWorkspace } from "../../workspace/insert-member.ts"
import { removePassword } from "../passwords.ts"
import { hasSecondFactor } from "../second-factor/state.ts"
import type { OpenIdIssuer } from "./issuer.ts"
import { judgeStranger, type KnownAddress } from "./judge-stranger.ts"
import { insertLink, isLinked } from "./links.ts"
import type { OpenIdIdentity } from "./prove-identity.ts"
import { addressUnproven, nobodyHere } from "./refusals.ts"

export interface Admitted {
  readonly memberId: string
  readonly how: "signed_up" | "linked"
}

type Dependencies = Pick<Services, "storage" | "clock" | "authenticator">

const maxNameLength = 100

/** @throws SIGN_IN_REFUSED */
export async function admitStranger(
  deps: Dependencies,
  issuer: OpenIdIssuer,
  identity: OpenIdIdentity,
): Promise<Admitted> {
  const email = identity.email ?? ""
  const admitted = await deps.storage.transaction(async (stores): Promise<Admitted> => {
    const member = await stores.accounts.findMemberByEmail(email)
    const known = await knownAddress(stores, issuer, email, member?.id, deps.clock.now())
    const verdict = judgeStranger(issuer.settings, identity, known)
    const { name } = issuer.settings
    if (verdict === "address_unproven") throw addressUnproven(name)
    if (verdict === "nobody") throw nobodyHere(name)
    const memberId = member?.id ?? (await insertMember(stores, identity, email, deps.clock.now()))
    if (member) await takeFromOthers(stores, memberId)
    const link = { providerId: issuer.providerId, subject: identity.subject, memberId }
    await insertLink(stores, link, deps.clock.now())
    return { memberId, how: member ? "linked" : "signed_up" }
  })
  deps.authenticator.forgetKeys()
  return admitted
}

async function knownAddress(
  stores: Stores,
  { providerId }: OpenIdIssuer,
  email: string,
  memberId: string | undefined,
  now: number,
): Promise<KnownAddress> {
  const isInvited = await stores.people.isInvited(email, now)
  if (memberId === undefined) return { member: null, isInvited }
  return {
    isInvited,
    member: {
      hasSecondFactor: await hasSecondFactor(stores, memberId),
      isLinked: await isLinked(stores, providerId, memberId),
    },
  }
}

async function insertMember(
  stores: Stores,
  { name }: OpenIdIdentity,
  email: string,
  createdAt: number,
): Promise<string> {
  const id = newId("mem")
  const shown = (name ?? email)
    .replaceAll(/\p{Cc}/gu, " ")
    .trim()
    .slice(0, maxNameLength)
  const member = { id, email, name: shown === "" ? email : shown.toWellFormed(), createdAt }
  await insertWithPersonalWorkspace(stores, member, newId("ws"))
  return id
}

/**
 * Nobody ever showed that an address with a password was theirs. Now that its owner is known, whoever made the account
 * must not stay in it.
 */
async function takeFromOthers(stores: Stores, memberId: string): Promise<void> {
  await removePassword(stores, memberId)
  await stores.signIns.remove("session", [{ field: "userId", operator: "eq", value: memberId }])
  await stores.devices.removeLoginsOf(memberId)
}
