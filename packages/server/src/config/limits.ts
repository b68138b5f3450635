/** Settings of how much anybody may ask for, and of who anybody is. */
import { defaultRateLimits, isLimitName, limitNames, type RateLimits } from "../limits/rate-limits.ts"
import type { Rate } from "../limits/token-bucket.ts"
import { type AllowList, parseAllowList } from "../outbound/allow-list.ts"
import { parsePrivateNetwork } from "./parse-value.ts"
import { BadValue, type Settings } from "./settings.ts"

const units: Readonly<Record<string, number>> = { s: 1_000, min: 60_000, h: 3_600_000 }
const must = `"off", or a comma list like "reads=5000/s,writes=off" of a limit (${limitNames.join(", ")}) and "off" or a whole number from 1 to 100000000 per s, min or h`

export function readRateLimits(settings: Settings): RateLimits {
  return settings.read<RateLimits>({
    variable: "GRANTRY_RATE_LIMITS",
    fallback: defaultRateLimits,
    parse: parseRateLimits,
  })
}

/** What is not named keeps its default. */
export function parseRateLimits(text: string): RateLimits {
  if (text.toLowerCase() === "off") return new Map()
  const limits = new Map(defaultRateLimits)
  for (const entry of text.split(",")) {
    const [, name = "", value = ""] = /^\s*([a-z]+)\s*=\s*([a-z0-9/]+)\s*$/.exec(entry) ?? []
    if (!isLimitName(name)) throw new BadValue(must)
    if (value === "off") limits.delete(name)
    else limits.set(name, parseRate(value))
  }
  return limits
}

function parseRate(text: string): Rate {
  const [, number = "", unit = ""] = /^([1-9]\d{0,8})\/(s|min|h)$/.exec(text) ?? []
  const count = Number(number)
  const windowMs = units[unit]
  if (windowMs === undefined || count > 100_000_000) throw new BadValue(must)
  return { count, windowMs }
}

export function readTrustedProxies(settings: Settings): AllowList {
  return settings.read<AllowList>({
    variable: "GRANTRY_TRUSTED_PROXIES",
    fallback: parseAllowList(""),
    parse: parseProxies,
  })
}

/** Names are not resolved: whoever answers for one could speak for everybody. */
function parseProxies(text: string): AllowList {
  const list = parsePrivateNetwork(text)
  if (list.hosts.size > 0 || list.ranges.some(([, bits]) => bits === 0))
    throw new BadValue('a comma list of addresses and ranges of your own proxies, e.g. "10.0.0.0/8,fd00::/8"')
  return list
}
