import { describe, expect, test } from "vitest"
import { ConfigError, type Environment, readConfig } from "../config.ts"
import { defaultRateLimits, limitNames } from "../limits/rate-limits.ts"

const read = (env: Environment) => readConfig(env, { types: [], families: [] })
const limits = (text: string) => read({ GRANTRY_RATE_LIMITS: text }).rateLimits

describe("GRANTRY_RATE_LIMITS", () => {
  test("changes what it names and leaves the rest at its default", () => {
    const changed = limits(" reads=5000/s, writes = 10/h,open=off ")
    expect(changed.get("reads")).toEqual({ count: 5_000, windowMs: 1_000 })
    expect(changed.get("writes")).toEqual({ count: 10, windowMs: 3_600_000 })
    expect(changed.has("open")).toBe(false)
    expect(changed.get("refused")).toEqual({ count: 600, windowMs: 60_000 })
    expect([...defaultRateLimits.keys()]).toEqual(limitNames)
  })

  test('"off" limits nothing', () => {
    expect(limits("off").size).toBe(0)
    expect(limits("OFF").size).toBe(0)
  })

  test.each([
    "reads",
    "reads=",
    "reads=5",
    "reads=5/",
    "reads=0/s",
    "reads=-1/s",
    "reads=1.5/s",
    "reads=5/day",
    "reads=100000001/s",
    "token_reads=5/s",
    "constructor=5/s",
    "reads=5/s;writes=5/s",
    "reads=5/s,",
  ])("%j is refused, with what it must be", (text) => {
    expect(() => limits(text)).toThrow(ConfigError)
    expect(() => limits(text)).toThrow(
      /^GRANTRY_RATE_LIMITS is ".*", but it must be "off", or a comma list like "reads=5000\/s,writes=off" of a limit \(reads, calls, writes, users, functions, consents, refused, open\)/,
    )
  })
})

describe("GRANTRY_TRUSTED_PROXIES", () => {
  const proxies = (text: string) =>
    read({ GRANTRY_TRUSTED_PROXIES: text }).trustedProxies.ranges.map(
      ([address, bits]) => `${address.toString()}/${bits}`,
    )

  test("takes addresses and ranges", () => {
    expect(proxies("10.0.0.0/8, 192.0.2.1,fd00::/8")).toEqual(["10.0.0.0/8", "192.0.2.1/32", "fd00::/8"])
    expect(proxies("")).toEqual([])
  })

  test.each(["proxy.internal", "localhost", "0.0.0.0/0", "::/0", "10.0.0.0/33", "10.0.0.1:80", "true", "1"])(
    "%j is refused: whoever is trusted can be anybody",
    (text) => {
      expect(() => proxies(text)).toThrow(/^GRANTRY_TRUSTED_PROXIES is /)
    },
  )
})
