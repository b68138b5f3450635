import type { ConnectorDefinition } from "@grantry/catalog"
import { describe, expect, test } from "vitest"
import { scriptedDefinition } from "../../../../tests/harness/scripted-provider.ts"
import { printedSeed, seededRandom } from "../../../../tests/storage/fixtures.ts"
import { type Freshness, judgeFreshness, tokenTimes } from "./freshness.ts"

const now = 1_800_000_000_000
const minuteMs = 60_000

describe("judging freshness", () => {
  const rows: readonly {
    what: string
    expiresAt: number | null
    refreshDueAt: number | null
    means: Freshness
  }[] = [
    { what: "no time is known", expiresAt: null, refreshDueAt: null, means: "fresh" },
    { what: "both times are ahead", expiresAt: now + 2, refreshDueAt: now + 1, means: "fresh" },
    { what: "the refresh is due at this very moment", expiresAt: now + 1, refreshDueAt: now, means: "due" },
    {
      what: "the refresh has been due for long",
      expiresAt: now + 1,
      refreshDueAt: now - minuteMs,
      means: "due",
    },
    { what: "the token dies at this very moment", expiresAt: now, refreshDueAt: now - 1, means: "expired" },
    {
      what: "the token is dead and nothing can refresh it",
      expiresAt: now - 1,
      refreshDueAt: null,
      means: "expired",
    },
    {
      what: "the token lives and nothing can refresh it",
      expiresAt: now + 1,
      refreshDueAt: null,
      means: "fresh",
    },
    { what: "only the assumed life is over", expiresAt: null, refreshDueAt: now, means: "stale" },
    { what: "the assumed life goes on", expiresAt: null, refreshDueAt: now + 1, means: "fresh" },
  ]
  test.each(rows)("$means when $what", ({ expiresAt, means, refreshDueAt }) => {
    expect(judgeFreshness({ expiresAt, refreshDueAt }, now)).toBe(means)
  })
})

/** When it is refreshed ahead of time is told apart. */
function times(definition: ConnectorDefinition, expiresInS: number | null, refreshable: boolean) {
  const { refreshAheadAt: _, ...term } = tokenTimes(definition, now, { expiresInS, refreshable })
  return term
}

describe("a token's times", () => {
  const steady = scriptedDefinition()
  const silent = scriptedDefinition({
    token: {
      url: "https://scripted.example.com/token",
      clientAuth: "basic",
      lifetimeS: 7200,
      assumedLifetimeS: 900,
    },
  })

  test.each([
    { lifeS: 3600, marginS: 300 },
    { lifeS: 1500, marginS: 300 },
    { lifeS: 1499, marginS: 299.8 },
    { lifeS: 100, marginS: 20 },
    { lifeS: 1, marginS: 0.2 },
  ])("the margin of $lifeS s is $marginS s: five minutes, or a fifth of the life", ({ lifeS, marginS }) => {
    const expiresAt = now + lifeS * 1000
    expect(times(steady, lifeS, true)).toEqual({
      issuedAt: now,
      expiresAt,
      refreshDueAt: expiresAt - marginS * 1000,
    })
  })

  test("what cannot be refreshed is never due", () => {
    expect(times(steady, 3600, false)).toEqual({
      issuedAt: now,
      expiresAt: now + 3_600_000,
      refreshDueAt: null,
    })
    expect(times(silent, null, false)).toEqual({
      issuedAt: now,
      expiresAt: null,
      refreshDueAt: null,
    })
  })

  test("without a word of the provider the catalogue's assumption makes it due, never expired", () => {
    expect(times(silent, null, true)).toEqual({
      issuedAt: now,
      expiresAt: null,
      refreshDueAt: now + 900_000,
    })
    expect(times(steady, null, true)).toEqual({
      issuedAt: now,
      expiresAt: null,
      refreshDueAt: null,
    })
  })

  test("a service that asks for it is refreshed after its term, however long the token lives", () => {
    const daily = scriptedDefinition({ refresh: { rotates: false, reuseGraceS: null, dueAfterS: 86_400 } })
    const dueOf = (expiresInS: number, refreshable = true) =>
      times(daily, expiresInS, refreshable).refreshDueAt
    expect(dueOf(30 * 86_400)).toBe(now + 86_400_000)
    expect(dueOf(3600), "a shorter life is over sooner").toBe(now + 3_300_000)
    expect(dueOf(30 * 86_400, false)).toBeNull()
  })

  test("the provider's word counts more than the assumption", () => {
    expect(times(silent, 60, true).expiresAt).toBe(now + 60_000)
  })

  test("times are whole milliseconds in the order issued, due, expired, whatever the provider says", () => {
    const seed = printedSeed("lives of tokens")
    const random = seededRandom(seed)
    for (let round = 0; round < 1_000; round += 1) {
      const expiresInS = 10 ** (random() * 12 - 3)
      const what = `seed ${seed}: ${expiresInS} s`
      const { expiresAt, issuedAt, refreshDueAt } = times(steady, expiresInS, true)
      if (expiresAt === null || refreshDueAt === null) throw new Error(`${what}: both times are known`)
      expect([issuedAt, refreshDueAt, expiresAt].every(Number.isSafeInteger), what).toBe(true)
      expect(issuedAt, what).toBeLessThanOrEqual(refreshDueAt)
      expect(refreshDueAt, what).toBeLessThanOrEqual(expiresAt)
      expect(expiresAt - refreshDueAt, what).toBeLessThanOrEqual(5 * minuteMs + 1)
      expect(expiresAt, what).toBeLessThanOrEqual(now + expiresInS * 1000)
    }
  })
})

describe("when a token is refreshed although nobody asks", () => {
  const hourMs = 60 * minuteMs
  const dayS = 86_400
  const service = (refresh: { dueAfterS?: number; idleLifetimeS?: number } = {}, assumedLifetimeS?: number) =>
    scriptedDefinition({
      refresh: { rotates: true, reuseGraceS: null, ...refresh },
      token: {
        url: "https://scripted.example.com/token",
        clientAuth: "basic",
        lifetimeS: 3600,
        ...(assumedLifetimeS !== undefined && { assumedLifetimeS }),
      },
    })
  const after = (definition: ConnectorDefinition, expiresInS: number | null, spread: number) => {
    const { refreshAheadAt } = tokenTimes(definition, now, { expiresInS, refreshable: true, spread })
    return refreshAheadAt === null ? null : refreshAheadAt - now
  }

  test.each([
    { what: "an hour's token, at half of its life", life: 3600, spread: 0, means: hourMs / 2 },
    { what: "an hour's token, at four fifths", life: 3600, spread: 1, means: 0.8 * hourMs },
    { what: "a token of less than a minute: never", life: 59, spread: 0.5, means: null },
    { what: "no word of an end: never", life: null, spread: 0.5, means: null },
  ])("$what", ({ life, means, spread }) => {
    expect(after(service(), life, spread)).toBe(means)
  })

  test("the assumed life counts where the provider names none", () => {
    expect(after(service({}, 900), null, 0)).toBe(450_000)
  })

  test("a service's term comes first, spread over a fifth of it", () => {
    expect(after(service({ dueAfterS: 10 * dayS }), 60 * dayS, 0)).toBe(10 * dayS * 1000)
    expect(after(service({ dueAfterS: 10 * dayS }), 60 * dayS, 1)).toBe(12 * dayS * 1000)
  })

  test("a refresh token that would lapse is used in time, also where the access token never dies", () => {
    const lapsing = service({ idleLifetimeS: 60 * dayS })
    expect(after(lapsing, null, 1)).toBe(48 * dayS * 1000)
    expect(after(lapsing, 365 * dayS, 0)).toBe(30 * dayS * 1000)
    expect(after(lapsing, 3600, 0)).toBe(hourMs / 2)
  })

  test("what cannot be refreshed is left alone", () => {
    const life = { expiresInS: 3600, refreshable: false }
    expect(tokenTimes(service({ idleLifetimeS: 60 }), now, life).refreshAheadAt).toBeNull()
  })

  test("it comes before the token's margin begins, and whole milliseconds after it was issued", () => {
    const random = seededRandom(printedSeed("refreshes ahead of time"))
    for (let round = 0; round < 1_000; round += 1) {
      const expiresInS = 60 + random() * 100 * dayS
      const life = tokenTimes(service(), now, { expiresInS, refreshable: true, spread: random() })
      expect(life.refreshAheadAt).toBeGreaterThan(now)
      expect(life.refreshAheadAt).toBeLessThanOrEqual(life.refreshDueAt ?? 0)
      expect(Number.isSafeInteger(life.refreshAheadAt)).toBe(true)
    }
  })
})
