/** "Replace A by B?": the person's answer, in the browser that asked. */
import type { CompleteDependencies } from "./complete-dependencies.ts"
import { type Connected, connected, type Failed } from "./complete.ts"
import { isBoundBrowser } from "./consume-attempt.ts"
import { dropHeld, replaceByHeld } from "./held-grant.ts"
import { attemptOver, authorizationRefused } from "./refusals.ts"
import { findWaitingPage, wayBack } from "./way-back.ts"

/** @throws ATTEMPT_OVER; AUTHORIZATION_REFUSED in another browser; ACCOUNT_CHANGED when the old account stays */
export async function answerReplacement(
  deps: CompleteDependencies,
  attemptId: string,
  browserSecret: string,
  replace: boolean,
): Promise<Connected | Failed> {
  const waiting = await deps.storage.attempts.find(attemptId)
  if (!waiting || waiting.status !== "confirm_account" || waiting.expiresAt <= deps.clock.now())
    throw attemptOver()
  if (!isBoundBrowser(waiting, browserSecret)) {
    throw authorizationRefused("This is not the browser in which the connection was started.")
  }
  // A user's own session asked: it has to answer.
  if (waiting.handleHash !== null) throw attemptOver()
  const page = await findWaitingPage(deps, waiting)
  const attempt = await deps.storage.attempts.takeHeldGrant(attemptId)
  if (!attempt) throw attemptOver()
  if (replace) {
    const { accountLabel, connectionId, open } = await replaceByHeld(deps, attempt)
    return connected(open, accountLabel, connectionId, page)
  }
  const error = await dropHeld(deps, attempt)
  const back = wayBack(page, { status: "error", error: error.code })
  if (back === null) throw error
  return { kind: "failed", error, back }
}
