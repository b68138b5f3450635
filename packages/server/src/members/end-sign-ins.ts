/** Signs a member out everywhere: sessions, device logins with their tokens, and device codes on their way. */
import type { Stores } from "../storage/storage.ts"

export async function endSignIns(
  { devices, signIns }: Pick<Stores, "devices" | "signIns">,
  memberId: string,
): Promise<void> {
  await signIns.remove("session", [{ field: "userId", operator: "eq", value: memberId }])
  await devices.removeLoginsOf(memberId)
}
