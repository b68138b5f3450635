import { expect, test } from "vitest"
import { isPageOf, withOutcome } from "./return-to.ts"

const origins = ["https://app.example", "https://other.example:8443", "http://localhost:5173"]

test.each([
  "https://app.example",
  "https://app.example/",
  "https://app.example/a/b?c=d#e",
  "https://app.example?c",
  "https://app.example#e",
  "https://app.example/%2f%2fevil.example",
  "https://app.example//evil.example",
  "https://other.example:8443/x",
  "http://localhost:5173/x",
])("%s is a page of a registered origin", (address) => {
  expect(isPageOf(origins, address)).toBe(true)
})

test.each([
  "",
  "/",
  "//app.example",
  "//evil.example",
  "https:/app.example",
  "https:app.example",
  "https:///app.example",
  "https://app.example@evil.example",
  "https://app.example:443@evil.example",
  "https://user@app.example/",
  "https://user:password@app.example/",
  "https://app.example.evil.example/",
  "https://evil.example/https://app.example/",
  "https://evilapp.example/",
  "https://sub.app.example/",
  "https://app.example.",
  "https://app.example./",
  "https://app.example:443/",
  "https://app.example:8443/",
  "https://other.example/",
  "http://app.example/",
  "HTTPS://app.example/",
  "https://APP.example/",
  "https://app.example\\@evil.example/",
  "https://app.example\\.evil.example/",
  "https://app.example/\\evil.example",
  "https:\\\\app.example/",
  "https://app%2eexample/",
  "https://app.example%2f@evil.example/",
  "https://app.example%00.evil.example/",
  "https://app\u3002example/",
  "https://app\uff0eexample/",
  "https://\u0430pp.example/",
  "https://app.example/\u202e",
  " https://app.example/",
  "https://app.example/ ",
  "https://app.example/\n",
  "https://app.example\r\nLocation: https://evil.example/",
  "https://app.example/a\tb",
  "\u0000https://app.example/",
  "javascript:alert(1)",
  "javascript://app.example/%0aalert(1)",
  "data:text/html,https://app.example/",
  "blob:https://app.example/1",
  "file:///app.example",
  "null",
  "https://",
  `https://app.example/${"a".repeat(2_048)}`,
])("%j is not", (address) => {
  expect(isPageOf(origins, address)).toBe(false)
})

test("without a registered origin nothing is", () => {
  expect(isPageOf([], "https://app.example/")).toBe(false)
})

const outcome = { connector: "con_1", connection_id: "conn_1", status: "connected" } as const
const query = "connector=con_1&connection_id=conn_1&status=connected"

test.each([
  ["https://app.example", `https://app.example?${query}`],
  ["https://app.example/#a?b", `https://app.example/?${query}#a?b`],
  ["https://app.example/p?", `https://app.example/p?${query}`],
  ["https://app.example/?a=%20+b&&c&d=é%2F#x=1", `https://app.example/?a=%20+b&c&d=é%2F&${query}#x=1`],
])("the outcome is added to %s and the rest stays letter for letter", (returnTo, expected) => {
  expect(withOutcome(returnTo, outcome)).toBe(expected)
})

test("what an outcome before left in the address is replaced, however it is written", () => {
  const left = "https://app.example/?status=error&%65rror=OLD&connect_handle=h&connector=x&keep=1"
  expect(withOutcome(left, outcome)).toBe(`https://app.example/?keep=1&${query}`)
})

test("error and handle are added where there are any", () => {
  const failed = { ...outcome, status: "error", error: "AUTHORIZATION_DENIED" } as const
  expect(new URL(withOutcome("https://app.example/", failed)).searchParams.get("error")).toBe(
    "AUTHORIZATION_DENIED",
  )
  const handed = { ...outcome, connect_handle: "a-_b" }
  expect(new URL(withOutcome("https://app.example/", handed)).searchParams.get("connect_handle")).toBe("a-_b")
})
