import { describe, expect, test } from "vitest"
import { type CallOutcome, type Circuits, createCircuits, type Pass, type Refusal } from "./circuits.ts"

const key = "operator:slack"
const now = 1_800_000_000_000

function failed(connectionId: string, kind: CallOutcome["kind"] = "transient"): CallOutcome {
  const trouble = { kind, code: "http_503", message: "away", at: now }
  return { connectionId, kind, trouble, retryAfterMs: null }
}
const worked = (connectionId: string): CallOutcome => ({
  connectionId,
  kind: "ok",
  trouble: null,
  retryAfterMs: null,
})

function opened(at = now): Circuits {
  const circuits = createCircuits()
  for (const id of ["a", "b", "c", "d", "e"]) circuits.record(key, failed(id), at)
  return circuits
}

const isPass = (answer: Pass | Refusal): answer is Pass => "end" in answer
function passOf(answer: Pass | Refusal): Pass {
  if (!isPass(answer)) throw new Error("the circuit let nobody through")
  return answer
}

describe("a circuit", () => {
  test("stays closed however often one connection fails", () => {
    const circuits = createCircuits()
    for (let call = 0; call < 100; call += 1) circuits.record(key, failed("a"), now)
    expect(isPass(circuits.enter(key, now))).toBe(true)
    expect(circuits.allowance(key, now)).toBe(Infinity)
  })

  test.each(["transient", "malformed", "rate_limited", "client_misconfigured"] as const)(
    "opens when %s meets five connections in a row, and says until when and why",
    (kind) => {
      const circuits = createCircuits()
      for (const id of ["a", "b", "c", "d"]) circuits.record(key, failed(id, kind), now)
      expect(isPass(circuits.enter(key, now))).toBe(true)
      circuits.record(key, failed("e", kind), now)
      expect(circuits.enter(key, now)).toMatchObject({ openUntil: now + 5_000, trouble: { kind } })
      expect(circuits.allowance(key, now)).toBe(0)
      expect([...circuits.states(now)]).toEqual([[key, "open"]])
    },
  )

  test.each(["ok", "grant_dead", "interaction_required"] as const)(
    "%s between them shows that the provider works",
    (kind) => {
      const circuits = createCircuits()
      for (const id of ["a", "b", "c", "d"]) circuits.record(key, failed(id), now)
      circuits.record(key, { ...worked("x"), kind }, now)
      circuits.record(key, failed("e"), now)
      expect(isPass(circuits.enter(key, now))).toBe(true)
    },
  )

  test("lets one through at a time once its pause is over, and closes when that one works", () => {
    const circuits = opened()
    const later = now + 5_000
    expect([...circuits.states(later)]).toEqual([[key, "half_open"]])
    expect(circuits.allowance(key, later)).toBe(1)
    const probe = passOf(circuits.enter(key, later))
    expect(isPass(circuits.enter(key, later))).toBe(false)
    expect(circuits.allowance(key, later)).toBe(0)
    circuits.record(key, worked("a"), later)
    probe.end()
    expect(isPass(circuits.enter(key, later))).toBe(true)
    expect([...circuits.states(later)]).toEqual([])
  })

  test("a probe that came to nothing makes room for the next", () => {
    const circuits = opened()
    passOf(circuits.enter(key, now + 5_000)).end()
    expect(isPass(circuits.enter(key, now + 5_000))).toBe(true)
  })

  test("a probe that fails doubles the pause, to a minute at most", () => {
    const circuits = opened()
    let at = now
    const pauses: number[] = []
    for (let probe = 0; probe < 6; probe += 1) {
      const refusal = circuits.enter(key, at)
      if (isPass(refusal)) throw new Error("it should be open")
      pauses.push(refusal.openUntil - at)
      at = refusal.openUntil
      const pass = passOf(circuits.enter(key, at))
      circuits.record(key, failed("a"), at)
      pass.end()
    }
    expect(pauses).toEqual([5_000, 10_000, 20_000, 40_000, 60_000, 60_000])
  })

  test("what was under way when it opened does not lengthen the pause", () => {
    const circuits = opened()
    for (let late = 0; late < 50; late += 1) circuits.record(key, failed(`late-${late}`), now + 1_000)
    expect(circuits.enter(key, now + 2_000)).toMatchObject({ openUntil: now + 5_000 })
  })

  test("a pause that the provider asks for is kept by what is done ahead of time, not by callers", () => {
    const circuits = createCircuits()
    circuits.record(key, { ...failed("a", "rate_limited"), retryAfterMs: 30_000 }, now)
    expect(circuits.allowance(key, now + 29_999)).toBe(0)
    expect(circuits.allowance(key, now + 30_000)).toBe(Infinity)
    expect(isPass(circuits.enter(key, now))).toBe(true)
  })

  test("is one for each key, and can be told that the reason is gone", () => {
    const circuits = opened()
    expect(isPass(circuits.enter("operator:github", now))).toBe(true)
    circuits.reset(key)
    expect(isPass(circuits.enter(key, now))).toBe(true)
  })

  test("trouble of our own says nothing about the provider", () => {
    const circuits = createCircuits()
    for (let id = 0; id < 100; id += 1) circuits.record(key, failed(`${id}`, "not_asked"), now)
    expect(isPass(circuits.enter(key, now))).toBe(true)
  })
})
