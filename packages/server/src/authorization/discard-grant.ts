/** A grant that will not be stored is handed to the revocation outbox. */
import { sealedRevocation } from "../connections/queue-revocation.ts"
import type { Services } from "../services.ts"
import type { Attempt } from "../storage/stores/attempts.ts"
import type { Revocation } from "../storage/stores/revocations.ts"
import type { NewGrant } from "./exchange-code.ts"

type Discarded = Pick<NewGrant, "accessToken" | "refreshToken" | "config" | "account">

export async function discardGrant(
  deps: Pick<Services, "storage" | "vault" | "clock">,
  attempt: Attempt,
  grant: Discarded,
): Promise<void> {
  await deps.storage.revocations.insert(await revocationOfGrant(deps, attempt, grant))
}

export function revocationOfGrant(
  deps: Pick<Services, "vault" | "clock">,
  attempt: Attempt,
  { accessToken, account, config, refreshToken }: Discarded,
): Promise<Revocation> {
  const source = { ...attempt, id: attempt.connectionId, config, accountId: account?.id ?? null }
  return sealedRevocation(deps, source, { accessToken, refreshToken })
}
