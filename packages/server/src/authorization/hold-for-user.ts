/** The callback waits, its code unused, until the app's page has said with the user's own token who the user is. */
import { newSecret, sha256Text } from "../random.ts"
import type { Attempt } from "../storage/stores/attempts.ts"
import type { CompleteDependencies } from "./complete-dependencies.ts"
import type { Callback } from "./consume-attempt.ts"
import { attemptContext } from "./find-attempt.ts"
import { attemptOver, authorizationRefused } from "./refusals.ts"
import { type WaitingPage, type WayBack, wayBack } from "./way-back.ts"

const waitMs = 2 * 60_000

/** @throws AUTHORIZATION_REFUSED when there is no page any more that could say it */
export async function holdForUser(
  deps: CompleteDependencies,
  attempt: Attempt,
  { params }: Callback,
  page: WaitingPage | null,
): Promise<WayBack> {
  const handle = newSecret()
  const back = wayBack(page, { status: "connected", connect_handle: handle })
  if (back === null)
    throw authorizationRefused(
      "The app completes connections on a page of its own, and that page's origin is not registered any more.",
    )
  const held = await deps.storage.attempts.holdForUser(attempt.id, {
    sealedCallback: await deps.vault.seal(attemptContext(attempt, "callback"), JSON.stringify(params)),
    handleHash: sha256Text(handle),
    expiresAt: deps.clock.now() + waitMs,
  })
  if (!held) throw attemptOver()
  return back
}
