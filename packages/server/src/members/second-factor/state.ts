/** Whether a member has a second factor; what better-auth keeps of it counts from the first right code on. */
import type { Stores } from "../../storage/storage.ts"

type Records = Pick<Stores, "signIns">

/** @returns since when, in milliseconds; null: there is none */
export async function secondFactorSince({ signIns }: Records, memberId: string): Promise<number | null> {
  const [record] = await signIns.list("twoFactor", {
    where: [
      { field: "userId", operator: "eq", value: memberId },
      { field: "verified", operator: "eq", value: 1 },
    ],
    limit: 1,
  })
  return record ? Number(record["createdAt"]) : null
}

export async function hasSecondFactor(records: Records, memberId: string): Promise<boolean> {
  return (await secondFactorSince(records, memberId)) !== null
}
