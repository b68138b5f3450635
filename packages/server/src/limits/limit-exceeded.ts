/** The refusal of whoever has used up a limit: which, of how much, and what to do. */
import { GrantryError } from "../errors.ts"
import { type LimitName, limitKinds } from "./rate-limits.ts"
import type { Rate } from "./token-bucket.ts"

const periods: Readonly<Record<number, string>> = { 1_000: "second", 60_000: "minute", 3_600_000: "hour" }

const advice = {
  workspace: "Spread the calls out, or ask whoever runs this server for a higher limit.",
  user: "Finish a consent that was begun before beginning another.",
  address: "Nothing is wrong with the accounts that are connected.",
} as const

export function limitExceeded(name: LimitName, rate: Rate | undefined, waitMs: number): GrantryError {
  const { what, whose } = limitKinds[name]
  const retryAfterS = Math.max(1, Math.ceil(waitMs / 1_000))
  const { count, windowMs } = rate ?? limitKinds[name].fallback
  const message =
    `This ${whose} has used up its limit of ${count} ${what} per ${periods[windowMs] ?? "window"} ` +
    `(limit "${name}"). Try again in ${retryAfterS} s. ${advice[whose]}`
  return new GrantryError("RATE_LIMITED", 429, message, {
    retryAfterS,
    body: { limit: name },
    // draft-ietf-httpapi-ratelimit-headers-10
    headers: {
      "ratelimit-policy": `"${name}";q=${count};w=${windowMs / 1_000}`,
      ratelimit: `"${name}";r=0;t=${retryAfterS}`,
    },
  })
}
