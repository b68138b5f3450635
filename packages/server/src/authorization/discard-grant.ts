/** A grant that will not be stored is handed to the revocation outbox. */
import { queueRevocation } from "../connections/queue-revocation.ts"
import type { Services } from "../services.ts"
import type { Attempt } from "../storage/stores.ts"
import type { NewGrant } from "./exchange-code.ts"

export async function discardGrant(
  deps: Pick<Services, "storage" | "vault" | "clock">,
  attempt: Attempt,
  grant: Pick<NewGrant, "accessToken" | "refreshToken" | "config" | "account">,
): Promise<void> {
  const source = {
    ...attempt,
    id: attempt.connectionId,
    config: grant.config,
    accountId: grant.account?.id ?? null,
  }
  await queueRevocation(deps, deps.storage, source, {
    accessToken: grant.accessToken,
    refreshToken: grant.refreshToken,
  })
}
