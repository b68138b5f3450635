/** A member's password, as better-auth keeps it: scrypt, one record per member. */
import { newId } from "../random.ts"
import type { Stores } from "../storage/storage.ts"
import { type GuessLimit, maxPerAccount } from "./limit-guesses.ts"

type Records = Pick<Stores, "signIns">

const provider = "credential"

/** Shared by everything that asks somebody who is signed in for the password again. */
export function passwordLimits(memberId: string): readonly GuessLimit[] {
  return [{ subject: `change-password account ${memberId}`, max: maxPerAccount }]
}

/** Slow on purpose. The library is loaded when the first password is set. */
export async function hashPassword(password: string): Promise<string> {
  const library = await import("better-auth/crypto")
  return library.hashPassword(password)
}

export async function hasPassword({ signIns }: Records, memberId: string): Promise<boolean> {
  return (await signIns.count("account", ownRecord(memberId))) > 0
}

export async function isOwnPassword(
  { signIns }: Records,
  memberId: string,
  password: string,
): Promise<boolean> {
  const [record] = await signIns.list("account", { where: ownRecord(memberId), limit: 1 })
  const hash = record?.["password"]
  const library = await import("better-auth/crypto")
  return typeof hash === "string" && library.verifyPassword({ hash, password })
}

export async function storePassword(
  { signIns }: Records,
  memberId: string,
  passwordHash: string,
  now: number,
): Promise<void> {
  const changed = await signIns.update("account", ownRecord(memberId), {
    password: passwordHash,
    updatedAt: now,
  })
  if (changed > 0) return
  await signIns.insert("account", {
    id: newId("sim"),
    userId: memberId,
    providerId: provider,
    accountId: memberId,
    password: passwordHash,
    createdAt: now,
    updatedAt: now,
  })
}

export async function removePassword({ signIns }: Records, memberId: string): Promise<void> {
  await signIns.remove("account", ownRecord(memberId))
}

function ownRecord(memberId: string) {
  return [
    { field: "userId", operator: "eq", value: memberId },
    { field: "providerId", operator: "eq", value: provider },
  ] as const
}
