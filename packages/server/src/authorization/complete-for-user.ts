/** The app's page says, with the user's own token, who the user is: only then is the code exchanged. */
import type { CompleteAnswer } from "@grantry/sdk/wire"
import type { AppUserCaller } from "../callers/caller.ts"
import { GrantryError } from "../errors.ts"
import { sha256Text } from "../random.ts"
import type { Attempt } from "../storage/stores/attempts.ts"
import type { CompleteDependencies } from "./complete-dependencies.ts"
import { type Callback, readCallback } from "./consume-attempt.ts"
import { exchangeForGrant } from "./exchange-code.ts"
import { failAttempt } from "./fail-attempt.ts"
import { attemptContext } from "./find-attempt.ts"
import { dropHeld, openHeldGrant, replaceByHeld } from "./held-grant.ts"
import { type AccountLabels, accountLabels, type Kept, keepOrHold } from "./keep-or-hold.ts"

export interface CompleteForUserRequest {
  readonly handle: string
  /** The answer to an ACCOUNT_CHANGED before. */
  readonly replace?: boolean | undefined
}

/**
 * @throws ATTEMPT_OVER when the handle is unknown, used or too old; AUTHORIZATION_REFUSED when another user began;
 *   ACCOUNT_CHANGED when another account is connected already: the handle then takes one answer more
 */
export async function completeForUser(
  deps: CompleteDependencies,
  user: AppUserCaller,
  { handle, replace }: CompleteForUserRequest,
): Promise<CompleteAnswer> {
  const { appId, workspaceId } = user
  const query = { workspaceId, appId, handleHash: sha256Text(handle) }
  const attempt = await deps.storage.attempts.findByHandle(query)
  if (!attempt || attempt.expiresAt <= deps.clock.now()) throw handleOver()
  if (attempt.status !== "verify_user" && attempt.status !== "confirm_account") throw handleOver()
  if (attempt.ownerId !== user.userId) return refuseOther(deps, user, attempt)
  return attempt.status === "verify_user" ? exchangeHeld(deps, attempt) : answerHeld(deps, attempt, replace)
}

/** Somebody consented to what another user began: the code is thrown away unused. */
async function refuseOther(
  deps: CompleteDependencies,
  user: AppUserCaller,
  attempt: Attempt,
): Promise<never> {
  const message =
    "This connection was begun by another user of the app. Nothing was connected. Begin again while signed in as yourself."
  const refusal = new GrantryError("AUTHORIZATION_REFUSED", 403, message)
  // A grant that waits for its owner's answer is the owner's still.
  if (attempt.status === "verify_user" && (await deps.storage.attempts.takeHeldCallback(attempt.id)))
    await failAttempt(deps, attempt, refusal)
  await deps.audit.record({
    workspaceId: attempt.workspaceId,
    appId: attempt.appId,
    actor: user.actor,
    action: "connection.complete",
    target: attempt.connectionId,
    outcome: refusal.code,
  })
  throw refusal
}

async function exchangeHeld(deps: CompleteDependencies, waiting: Attempt): Promise<CompleteAnswer> {
  const attempt = await deps.storage.attempts.takeHeldCallback(waiting.id)
  if (!attempt || attempt.sealedCallback === null) throw handleOver()
  const kept = await exchange(deps, attempt, attempt.sealedCallback)
  if (kept.kind === "account_changed") throw accountChanged(kept)
  return answered(attempt, "connected", kept.connectionId)
}

async function exchange(deps: CompleteDependencies, attempt: Attempt, sealed: Uint8Array): Promise<Kept> {
  try {
    const params: unknown = JSON.parse(await deps.vault.open(attemptContext(attempt, "callback"), sealed))
    const consumed = await readCallback(deps, attempt, params as Callback["params"])
    return await keepOrHold(deps, attempt, await exchangeForGrant(deps, consumed))
  } catch (error) {
    await failAttempt(deps, attempt, error)
    throw error
  }
}

async function answerHeld(
  deps: CompleteDependencies,
  waiting: Attempt,
  replace: boolean | undefined,
): Promise<CompleteAnswer> {
  if (replace === undefined) throw accountChanged(await labelsOf(deps, waiting))
  const attempt = await deps.storage.attempts.takeHeldGrant(waiting.id)
  if (!attempt) throw handleOver()
  if (replace) return answered(attempt, "connected", (await replaceByHeld(deps, attempt)).connectionId)
  await dropHeld(deps, attempt)
  return answered(attempt, "kept", attempt.connectionId)
}

async function labelsOf(deps: CompleteDependencies, attempt: Attempt): Promise<AccountLabels> {
  const existing = await deps.storage.connections.findByAddress(attempt)
  const grant = attempt.sealedGrant && (await openHeldGrant(deps, attempt, attempt.sealedGrant))
  return accountLabels(existing, grant?.account ?? null)
}

function answered(attempt: Attempt, status: CompleteAnswer["status"], connectionId: string): CompleteAnswer {
  return { status, connector_id: attempt.connectorId ?? "", connection_id: connectionId }
}

function accountChanged({ newAccount, oldAccount }: AccountLabels): GrantryError {
  const message = `${oldAccount} is connected already, and this is ${newAccount}. The old one stays until you send the handle again with replace: true, or replace: false to keep it.`
  return new GrantryError("ACCOUNT_CHANGED", 409, message, {
    connector: true,
    body: { old_account: oldAccount, new_account: newAccount },
  })
}

function handleOver(): GrantryError {
  const message =
    "This handle is unknown, was already used, or is older than two minutes. Nothing was connected with it. Begin again."
  return new GrantryError("ATTEMPT_OVER", 410, message)
}
