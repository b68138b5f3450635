import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { builtInCatalog } from "./catalog.ts"
import { editDistance } from "./nearest.ts"

describe("the nearest known types", () => {
  it.each([
    ["slak", "slack"],
    ["salck", "slack"],
    ["google-calendar", "googlecalendar"],
    ["google_calendar", "googlecalendar"],
    ["GoogleCalender", "googlecalendar"],
    ["calendar", "googlecalendar"],
    ["git hub", "github"],
    ["githb", "github"],
    ["Slack (bot)", "slackbot"],
    ["slack-bot", "slackbot"],
    ["drop box", "dropbox"],
    ["salesforce2", "salesforce"],
    ["notoin", "notion"],
  ])("to %j begin with %s", (wanted, type) => {
    expect(builtInCatalog.nearest(wanted)[0]).toBe(type)
  })

  it.each(["", "   ", "zzzzzzzz", "___", "🙂"])("to %j are none", (wanted) => {
    expect(builtInCatalog.nearest(wanted)).toEqual([])
  })

  it("are as many as asked for, three at most unless told", () => {
    expect(builtInCatalog.nearest("slack", 1)).toEqual(["slack"])
    expect(builtInCatalog.nearest("google", 10)).toEqual(expect.arrayContaining(["googlecalendar"]))
    expect(builtInCatalog.nearest("slack").length).toBeLessThanOrEqual(3)
  })

  it("are found in no time, however long the wanted name", () => {
    const startedMs = performance.now()
    builtInCatalog.nearest("slack".repeat(1_000_000))
    expect(performance.now() - startedMs).toBeLessThan(200)
  })
})

describe("the edit distance", () => {
  it("counts insertions, deletions, replacements and swaps of neighbours", () => {
    expect(editDistance("slack", "slack")).toBe(0)
    expect(editDistance("slak", "slack")).toBe(1)
    expect(editDistance("slaack", "slack")).toBe(1)
    expect(editDistance("stack", "slack")).toBe(1)
    expect(editDistance("salck", "slack")).toBe(1)
    expect(editDistance("", "slack")).toBe(5)
    expect(editDistance("abc", "xyz")).toBe(3)
  })

  it("is the same both ways, and zero for equals alone", () => {
    const word = fc.string({ unit: fc.constantFrom("a", "b", "c"), maxLength: 8 })
    fc.assert(
      fc.property(word, word, (one, other) => {
        expect(editDistance(one, other)).toBe(editDistance(other, one))
        expect(editDistance(one, other) === 0).toBe(one === other)
        expect(editDistance(one, other)).toBeLessThanOrEqual(Math.max(one.length, other.length))
      }),
    )
  })
})
