import { describe, expect, it } from "vitest"
import type { WireAnswer } from "./dialect.ts"
import { laidOver } from "./dialect.ts"

const answer = (status: number, body: unknown): WireAnswer => ({ status, headers: {}, body })
const first = answer(200, { data: [{ permissions: "a,b" }], access_token: "short" })

describe("the answer to a second exchange", () => {
  it("wins where it says something, and leaves the rest of the first", () => {
    expect(laidOver(first, answer(200, { access_token: "long", expires_in: 60 }))).toEqual(
      answer(200, { data: [{ permissions: "a,b" }], access_token: "long", expires_in: 60 }),
    )
  })

  it.each([
    ["a refusal", answer(400, { error: { code: 190 } })],
    ["an outage", answer(502, "<html></html>")],
    ["something else than an object", answer(200, "half an ans")],
  ])("stands alone when it is %s, so that the first token is not taken for the second", (_, second) => {
    expect(laidOver(first, second)).toEqual(second)
  })
})
