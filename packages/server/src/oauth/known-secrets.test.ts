import { describe, expect, test } from "vitest"
import { hideSecrets } from "./known-secrets.ts"

describe("hiding our secrets in a provider's words", () => {
  test.each([
    ["as it is", "the secret hunter-two/+ is wrong", "the secret … is wrong"],
    ["form-encoded", "body: client_secret=hunter-two%2F%2B&x=1", "body: client_secret=…&x=1"],
    ["in every place", "hunter-two/+ is not hunter-two/+", "… is not …"],
  ])("%s", (_, text, hidden) => {
    expect(hideSecrets(text, ["hunter-two/+"])).toBe(hidden)
  })

  test("a space is known in both of its encodings", () => {
    expect(hideSecrets("a+long+secret and a%20long%20secret", ["a long secret"])).toBe("… and …")
  })

  test("of two secrets where one holds the other, nothing of the longer is left", () => {
    expect(hideSecrets("token-1234567", ["token-123", "token-1234567"])).toBe("…")
  })

  test("values that guard nothing leave the text as it is", () => {
    expect(hideSecrets("a bad request", ["a", "", null, "bad"])).toBe("a bad request")
  })
})
