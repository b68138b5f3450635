/** The provider sent the person back: from the callback to a committed grant. */
import type { Attempt } from "../storage/stores/attempts.ts"
import type { CompleteDependencies } from "./complete-dependencies.ts"
import { type Callback, checkCallback, consumeState, isBoundBrowser } from "./consume-attempt.ts"
import { exchangeForGrant } from "./exchange-code.ts"
import { failAttempt } from "./fail-attempt.ts"
import type { OpenAttempt } from "./find-attempt.ts"
import { holdForUser } from "./hold-for-user.ts"
import { keepOrHold } from "./keep-or-hold.ts"
import { findWaitingPage, type WaitingPage, type WayBack, wayBack } from "./way-back.ts"

interface Names {
  readonly serviceName: string
  readonly appName: string
}

export interface Connected extends Names {
  readonly kind: "connected"
  readonly accountLabel: string | null
  readonly back: WayBack | null
}

/** Nothing is stored; the app's page is told, and waits for the person. */
export interface Failed {
  readonly kind: "failed"
  readonly error: unknown
  readonly back: WayBack
}

/** "Replace A by B?" */
export interface ConfirmAccount extends Names {
  readonly kind: "confirm_account"
  readonly attemptId: string
  readonly oldAccount: string
  readonly newAccount: string
}

/** The app's page has to say who the user is. */
export interface VerifyUser extends Names {
  readonly kind: "verify_user"
  readonly back: WayBack
}

export type Completion = Connected | ConfirmAccount | VerifyUser | Failed

/** @throws AUTHORIZATION_REFUSED, AUTHORIZATION_DENIED, ATTEMPT_OVER, DIFFERENT_USER; the attempt has then failed */
export async function complete(deps: CompleteDependencies, callback: Callback): Promise<Completion> {
  const attempt = await consumeState(deps, callback)
  return endingInFailure(deps, attempt, async (found) => {
    // Whoever holds another browser is not told where the app's page is.
    const page = isBoundBrowser(attempt, callback.browserSecret)
      ? found(await findWaitingPage(deps, attempt))
      : null
    const consumed = await checkCallback(deps, attempt, callback)
    if (attempt.ownerKind === "app_user" && consumed.app.connectCompletion === "verified")
      return {
        kind: "verify_user",
        ...namesOf(consumed),
        back: await holdForUser(deps, attempt, callback, page),
      }
    const grant = await exchangeForGrant(deps, consumed)
    const kept = await keepOrHold(deps, attempt, grant)
    if (kept.kind === "account_changed") {
      const { newAccount, oldAccount } = kept
      return { kind: "confirm_account", attemptId: attempt.id, ...namesOf(consumed), oldAccount, newAccount }
    }
    return connected(consumed, grant.account?.label ?? null, kept.connectionId, page)
  })
}

export function connected(
  open: OpenAttempt,
  accountLabel: string | null,
  connectionId: string,
  page: WaitingPage | null,
): Connected {
  const back = wayBack(page, { status: "connected", connection_id: connectionId })
  return { kind: "connected", ...namesOf(open), accountLabel, back }
}

function namesOf({ app, client }: OpenAttempt): Names {
  return { serviceName: client.definition.displayName, appName: app.name }
}

/** Takes note of the page that waits, as soon as it is known. */
type Found = (page: WaitingPage | null) => WaitingPage | null

/** Whatever goes wrong ends the attempt; where the app's page waits it is told, else the error is thrown. */
export async function endingInFailure<T>(
  deps: CompleteDependencies,
  attempt: Attempt,
  work: (found: Found) => Promise<T>,
): Promise<T | Failed> {
  let waiting: WaitingPage | null = null
  try {
    return await work((page) => (waiting = page))
  } catch (error) {
    const refusal = await failAttempt(deps, attempt, error)
    const back = wayBack(waiting, { status: "error", error: refusal.code })
    if (back === null) throw error
    return { kind: "failed", error, back }
  }
}
