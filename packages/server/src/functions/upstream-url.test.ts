import { expect, test } from "vitest"
import { upstreamUrl } from "./upstream-url.ts"

test.each([
  ["https://fn.example", "/add", "https://fn.example/add"],
  ["https://fn.example/base", "/add?x=1&x=2", "https://fn.example/base/add?x=1&x=2"],
  ["https://fn.example/base", "/add?next=../../x", "https://fn.example/base/add?next=../../x"],
  ["http://127.0.0.1:9999", "/a%2Fb/%C3%A9", "http://127.0.0.1:9999/a%2Fb/%C3%A9"],
  ["https://fn.example", "/a..b/...", "https://fn.example/a..b/..."],
  ["https://fn.example", "//evil.example/x", "https://fn.example//evil.example/x"],
])("%s and %s make %s", (upstream, target, url) => {
  expect(upstreamUrl(upstream, target)?.href).toBe(url)
})

test.each([
  "/..",
  "/../x",
  "/a/../../x",
  "/./x",
  "/%2e%2e/x",
  "/%2E./x",
  "/..%2fx",
  "/a/..%2F..%2fx",
  "/..%5cx",
  "/..\\x",
  "/a\\b",
  "/a#b",
  "/a\tb",
  "/a b",
  "/é",
  "@evil.example/",
  ".evil.example/",
  ":80/x",
])("%j goes nowhere", (target) => {
  expect(upstreamUrl("https://fn.example", target)).toBeUndefined()
})
