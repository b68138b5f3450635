/** Which account of the OpenID provider signs in which member: named by issuer and subject, never by an address. */
import { newId } from "../../random.ts"
import type { Stores } from "../../storage/storage.ts"

type Records = Pick<Stores, "signIns">

export async function findLinkedMember(
  { signIns }: Records,
  providerId: string,
  subject: string,
): Promise<string | undefined> {
  const [record] = await signIns.list("account", {
    where: [
      { field: "providerId", operator: "eq", value: providerId },
      { field: "accountId", operator: "eq", value: subject },
    ],
    limit: 1,
  })
  return record && String(record["userId"])
}

export async function isLinked(records: Records, providerId: string, memberId: string): Promise<boolean> {
  return (await records.signIns.count("account", ofMember(providerId, memberId))) > 0
}

export async function insertLink(
  { signIns }: Records,
  link: { readonly providerId: string; readonly subject: string; readonly memberId: string },
  now: number,
): Promise<void> {
  await signIns.insert("account", {
    id: newId("sim"),
    userId: link.memberId,
    providerId: link.providerId,
    accountId: link.subject,
    createdAt: now,
    updatedAt: now,
  })
}

export async function removeLink(
  { signIns }: Records,
  providerId: string,
  memberId: string,
): Promise<boolean> {
  return (await signIns.remove("account", ofMember(providerId, memberId))) > 0
}

function ofMember(providerId: string, memberId: string) {
  return [
    { field: "providerId", operator: "eq", value: providerId },
    { field: "userId", operator: "eq", value: memberId },
  ] as const
}
