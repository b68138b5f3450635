import { expect, test } from "vitest"
import { GrantryError } from "../errors.ts"
import { checkedScopes, sameScopes } from "./scopes.ts"

test("scopes of every provider pass, each once and in order", () => {
  const scopes = [
    "https://www.googleapis.com/auth/calendar",
    "chat:write",
    "offline_access",
    "a+b/c=d",
    "chat:write",
  ]
  expect(checkedScopes(scopes)).toEqual(scopes.slice(0, 4))
})

test.each(["", " ", "a b", 'a"b', "a\\b", "ä", "a\n", "a\u0000", "x".repeat(513)])(
  "%j is no scope, and the refusal names its place",
  (scope) => {
    expect(() => checkedScopes(["ok", scope], "body.scopes")).toThrow(/^body\.scopes\[1\] is not a scope/)
    expect(() => checkedScopes([scope])).toThrow(GrantryError)
  },
)

test("at most 200 scopes are taken", () => {
  const many = Array.from({ length: 201 }, (_, index) => `s${index}`)
  expect(checkedScopes(many.slice(0, 200))).toHaveLength(200)
  expect(() => checkedScopes(many)).toThrow("201")
})

test("scopes are the same whatever their order and however often they stand there", () => {
  expect(sameScopes(["a", "b"], ["b", "a", "a"])).toBe(true)
  expect(sameScopes([], [])).toBe(true)
  expect(sameScopes(["a"], [])).toBe(false)
  expect(sameScopes(["a", "a"], ["a", "b"])).toBe(false)
  expect(sameScopes(["a", "b"], ["a", "a"])).toBe(false)
})
