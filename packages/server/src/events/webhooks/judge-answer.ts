/** What an endpoint's answer means. Pure. */
import { retryAfterMs } from "../../oauth/outcome.ts"
import type { OutboundAnswer } from "../../outbound/outbound.ts"
import type { TryResult } from "./deliver.ts"

/** Any 2xx is a receipt. A redirect is not followed, and 410 asks to be told nothing more (Standard Webhooks). */
export function judgeHttp(
  { headers, status }: Pick<OutboundAnswer, "headers" | "status">,
  now: number,
): TryResult {
  if (status >= 200 && status < 300) return { outcome: "delivered", status, error: null, retryAfterMs: null }
  const error =
    status >= 300 && status < 400 ? `HTTP ${status}: redirects are not followed` : `HTTP ${status}`
  const pauses = status === 429 || status === 503
  return {
    outcome: status === 410 ? "gone" : "refused",
    status,
    error,
    retryAfterMs: pauses ? retryAfterMs(headers["retry-after"], now) : null,
  }
}
