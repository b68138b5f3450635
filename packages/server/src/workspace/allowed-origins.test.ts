import { expect, test } from "vitest"
import { isAllowedOrigin, parseOrigin } from "./allowed-origins.ts"

test.each([
  ["https://app.example.com", "https://app.example.com"],
  ["https://app.example.com/", "https://app.example.com"],
  ["HTTPS://App.Example.COM", "https://app.example.com"],
  ["https://app.example.com:443", "https://app.example.com"],
  ["https://app.example.com:8443", "https://app.example.com:8443"],
  ["http://localhost:3000", "http://localhost:3000"],
  ["http://shop.localhost:80", "http://shop.localhost"],
  ["http://127.0.0.1:5173", "http://127.0.0.1:5173"],
  ["http://[::1]:5173", "http://[::1]:5173"],
  ["https://xn--bcher-kva.example", "https://xn--bcher-kva.example"],
])("%s is the origin %s", (text, origin) => {
  expect(parseOrigin(text)).toEqual({ origin })
})

test.each([
  "",
  "null",
  "*",
  "app.example.com",
  "//app.example.com",
  "https://",
  "https://*.example.com",
  "https://app.example.com/path",
  "https://app.example.com//",
  "https://app.example.com?x=1",
  "https://app.example.com#x",
  "https://user@app.example.com",
  "https://user:secret@app.example.com",
  "https://app.example.com\\@evil.example",
  "https://app.example.com%2f@evil.example",
  "https://%61pp.example.com",
  "https://app.example.com.",
  "https://app。example。com",
  "https://аpp.example.com",
  "https://app.example.com:99999",
  "https://0x7f.1",
  "https://2130706433",
  "http://app.example.com",
  "http://localhost.example.com",
  "http://127.evil.example",
  "javascript:alert(1)",
  "file:///etc/passwd",
  "ws://localhost:3000",
  "chrome-extension://abcdef",
  " https://app.example.com",
  "https://app.example.com\n",
  "https://app.exa\tmple.com",
  `https://${"a".repeat(300)}.example`,
])("%j is no origin that can be registered", (text) => {
  expect(parseOrigin(text)).toHaveProperty("problem")
})

test("an origin matches exactly or not at all", () => {
  const origins = ["https://app.example.com"]
  expect(isAllowedOrigin(origins, "https://app.example.com")).toBe(true)
  for (const other of [
    "",
    "null",
    "http://app.example.com",
    "https://app.example.com:8443",
    "https://app.example.com/",
    "https://app.example.com.evil.example",
    "https://evil-app.example.com",
    "https://APP.example.com",
  ])
    expect(isAllowedOrigin(origins, other)).toBe(false)
})
