/** A grant that waits for "replace A by B?": stored with a yes, revoked with a no. */
import { GrantryError } from "../errors.ts"
import type { Attempt } from "../storage/stores/attempts.ts"
import type { CompleteDependencies } from "./complete-dependencies.ts"
import { discardGrant } from "./discard-grant.ts"
import type { NewGrant } from "./exchange-code.ts"
import { failAttempt } from "./fail-attempt.ts"
import { attemptContext, type OpenAttempt, withClient } from "./find-attempt.ts"
import { attemptOver } from "./refusals.ts"
import { saveGrant } from "./save-grant.ts"

export interface Replaced {
  readonly open: OpenAttempt
  readonly accountLabel: string | null
  readonly connectionId: string
}

/** @param attempt as `takeHeldGrant` gave it */
export async function replaceByHeld(deps: CompleteDependencies, attempt: Attempt): Promise<Replaced> {
  const grant = await heldGrant(deps, attempt)
  try {
    const open = await withClient(deps, attempt)
    const saved = await saveGrant(deps, attempt, grant, true)
    if (saved.kind !== "connected") throw new Error("the person had agreed to the other account")
    return { open, accountLabel: grant.account?.label ?? null, connectionId: saved.connectionId }
  } catch (error) {
    await discardGrant(deps, attempt, grant)
    await failAttempt(deps, attempt, error)
    throw error
  }
}

/** The old account stays. @returns what the person is told */
export async function dropHeld(deps: CompleteDependencies, attempt: Attempt): Promise<GrantryError> {
  await discardGrant(deps, attempt, await heldGrant(deps, attempt))
  const message =
    "The account that was connected before stays. The new one was not stored, and its access is revoked."
  return failAttempt(deps, attempt, new GrantryError("ACCOUNT_CHANGED", 409, message))
}

function heldGrant(deps: CompleteDependencies, attempt: Attempt): Promise<NewGrant> {
  if (attempt.sealedGrant === null) throw attemptOver()
  return openHeldGrant(deps, attempt, attempt.sealedGrant)
}

export async function openHeldGrant(
  deps: Pick<CompleteDependencies, "vault">,
  attempt: Attempt,
  sealed: Uint8Array,
): Promise<NewGrant> {
  return JSON.parse(await deps.vault.open(attemptContext(attempt, "grant"), sealed)) as NewGrant
}
