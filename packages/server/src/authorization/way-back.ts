/** How the app learns how an attempt of one of its users ended. */
import type { ConnectMessage, ConnectOutcome } from "@grantry/sdk/wire"
import type { Services } from "../services.ts"
import type { Attempt } from "../storage/stores/attempts.ts"
import { attemptContext } from "./find-attempt.ts"
import { isPageOf, withOutcome } from "./return-to.ts"

/** The page of the app that waits for the person; its origin is registered. */
export interface WaitingPage {
  readonly returnTo: string
  readonly attempt: Attempt
}

export interface WayBack {
  readonly url: string
  /** The only one that may read the message. */
  readonly origin: string
  readonly message: ConnectMessage
}

/** null: none was named, or its origin is no longer registered. */
export async function findWaitingPage(
  deps: Pick<Services, "storage" | "vault">,
  attempt: Attempt,
): Promise<WaitingPage | null> {
  if (attempt.sealedReturnTo === null) return null
  const returnTo = await deps.vault.open(attemptContext(attempt, "return_to"), attempt.sealedReturnTo)
  const origins = await deps.storage.apps.listAllowedOrigins(attempt.workspaceId, attempt.appId)
  return isPageOf(origins, returnTo) ? { returnTo, attempt } : null
}

export function wayBack(
  page: WaitingPage | null,
  outcome: Pick<ConnectOutcome, "status" | "error" | "connect_handle"> & { readonly connection_id?: string },
): WayBack | null {
  if (page === null) return null
  const { attempt, returnTo } = page
  const told: ConnectOutcome = {
    connector: attempt.connectorId ?? attempt.type,
    connection_id: attempt.connectionId,
    ...outcome,
  }
  return {
    url: withOutcome(returnTo, told),
    origin: new URL(returnTo).origin,
    message: { source: "grantry", type: "connect", ...told },
  }
}
