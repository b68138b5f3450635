/** "Replace A by B?": the person's answer, in the browser that asked. */
import { sha256Text } from "../random.ts"
import { GrantryError } from "../errors.ts"
import type { Attempt } from "../storage/stores.ts"
import type { CompleteDependencies, Completion } from "./complete.ts"
import { discardGrant } from "./discard-grant.ts"
import type { NewGrant } from "./exchange-code.ts"
import { failAttempt } from "./fail-attempt.ts"
import { attemptContext, withClient } from "./find-attempt.ts"
import { attemptOver, authorizationRefused } from "./refusals.ts"
import { saveGrant } from "./save-grant.ts"

/** @throws ATTEMPT_OVER; AUTHORIZATION_REFUSED in another browser; ACCOUNT_CHANGED when the old account stays */
export async function answerReplacement(
  deps: CompleteDependencies,
  attemptId: string,
  browserSecret: string,
  replace: boolean,
): Promise<Extract<Completion, { kind: "connected" }>> {
  const waiting = await deps.storage.attempts.find(attemptId)
  if (!waiting || waiting.status !== "confirm_account" || waiting.expiresAt <= deps.clock.now())
    throw attemptOver()
  if (waiting.browserHash !== sha256Text(browserSecret)) {
    throw authorizationRefused("This is not the browser in which the connection was started.")
  }
  const attempt = await deps.storage.attempts.takeHeldGrant(attemptId)
  if (!attempt || attempt.sealedGrant === null) throw attemptOver()
  const grant = await openHeldGrant(deps, attempt, attempt.sealedGrant)
  try {
    if (!replace) throw accountStays()
    const { app, client } = await withClient(deps, attempt)
    await saveGrant(deps, attempt, grant, true)
    return {
      kind: "connected",
      serviceName: client.definition.displayName,
      appName: app.name,
      accountLabel: grant.account?.label ?? null,
    }
  } catch (error) {
    await discardGrant(deps, attempt, grant)
    if (error instanceof GrantryError) await failAttempt(deps, attempt, error)
    throw error
  }
}

export async function openHeldGrant(
  deps: Pick<CompleteDependencies, "vault">,
  attempt: Attempt,
  sealed: Uint8Array,
): Promise<NewGrant> {
  return JSON.parse(await deps.vault.open(attemptContext(attempt, "grant"), sealed)) as NewGrant
}

function accountStays(): GrantryError {
  const message =
    "The account that was connected before stays. The new one was not stored, and its access is revoked."
  return new GrantryError("ACCOUNT_CHANGED", 409, message)
}
