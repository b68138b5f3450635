/** When a failed refresh may be tried again. Pure. */
import type { TokenTrouble } from "../oauth/outcome.ts"

/** `not_asked`: the provider heard nothing, because something on our side was missing. */
export type RefreshTroubleKind = TokenTrouble["kind"] | "not_asked"

const firstDelayMs = 1_000
const longestDelayMs = 5 * 60_000
/** Short: whoever corrects a client secret should not have to wait. */
const ownDelayMs = 10_000

/**
 * @param failures failed refreshes in a row before this one
 * @param spread 0 … 1: spreads the tries of many connections over a fifth of the delay
 * @returns milliseconds to wait
 */
export function retryDelayMs(
  trouble: { readonly kind: RefreshTroubleKind; readonly retryAfterMs: number | null },
  failures: number,
  spread: number,
): number {
  if (trouble.retryAfterMs !== null) return Math.max(trouble.retryAfterMs, firstDelayMs)
  if (trouble.kind === "client_misconfigured" || trouble.kind === "not_asked") return ownDelayMs
  const delay = Math.min(longestDelayMs, firstDelayMs * 2 ** Math.min(failures, 20))
  return Math.round(delay * (1 + 0.2 * spread))
}
