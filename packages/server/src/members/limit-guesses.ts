/**
 * Limits wrong guesses per account and per address, counted in the database so that replicas and restarts count
 * together. Each try is counted before it is judged, so that many at once cannot slip through; one that was no wrong
 * guess is given back.
 */
import { GrantryError } from "../errors.ts"
import { sha256Text } from "../random.ts"
import type { Services } from "../services.ts"

export interface GuessLimit {
  /** What is guessed and by whom, e.g. `sign-in account a@example.com`; stored as its hash. */
  readonly subject: string
  readonly max: number
}

const windowMs = 10 * 60_000

/** Few for one account. Many for one address: behind a proxy everybody comes from the proxy's. */
export const maxPerAccount = 10
export const maxPerAddress = 100

export interface Guessing {
  /** false: what succeeds counts too. */
  readonly givesBack?: boolean
}

/** @throws RATE_LIMITED, and what the attempt throws: a refusal below 500 is a wrong guess */
export async function limitGuesses<T>(
  { clock, storage: { guesses } }: Pick<Services, "storage" | "clock">,
  limits: readonly GuessLimit[],
  attempt: () => Promise<T>,
  { givesBack = true }: Guessing = {},
): Promise<T> {
  const keys = limits.map(({ subject }) => sha256Text(subject))
  for (const [index, { max }] of limits.entries()) {
    const { count, endsAt } = await guesses.take(keys[index] ?? "", clock.now(), windowMs)
    if (count > max) throw tooMany(endsAt - clock.now())
  }
  const giveBack = async () => {
    for (const key of givesBack ? keys : []) await guesses.giveBack(key)
  }
  try {
    const result = await attempt()
    await giveBack()
    return result
  } catch (error) {
    // The database being away is nobody's guess.
    if (!(error instanceof GrantryError) || error.status >= 500) await giveBack()
    throw error
  }
}

function tooMany(waitMs: number): GrantryError {
  const retryAfterS = Math.max(1, Math.ceil(waitMs / 1_000))
  const wait = retryAfterS < 90 ? `${retryAfterS} seconds` : `${Math.ceil(retryAfterS / 60)} minutes`
  return new GrantryError("RATE_LIMITED", 429, `Too many tries. Try again in ${wait}.`, { retryAfterS })
}
