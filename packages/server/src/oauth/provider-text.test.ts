import { expect, test } from "vitest"
import { scrubProviderText } from "./provider-text.ts"

test.each([
  "invalid_grant: Token has been expired or revoked.",
  "incorrect_client_credentials",
  "The redirect_uri MUST match the registered callback URL for this application.",
  "AADSTS50076: multi-factor authentication is required",
  "application is blocked at accounts.google.com",
])("a provider's own words stay: %s", (words) => {
  expect(scrubProviderText(words, 300)).toBe(words)
})

test.each([
  "ya29.a0AfH6SMBx7Zk1QpLm0_NnOoPpQqRrSsTt",
  "xoxb-123456789012-abcdefGHIJKL34567",
  "1//0gABCDEFghijklmnop-qrstuvwxyz012345",
  "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.c2lnbmF0dXJl",
  "gho_16C7e42F292c6912E7710c838347Ae178B4a",
  "b64+/longBase64Value0123456789==",
])("what looks like a token does not: %s", (token) => {
  const scrubbed = scrubProviderText(`the token ${token} is not valid`, 300)
  expect(scrubbed).toBe("the token … is not valid")
})

test("control characters, direction marks and line breaks become spaces", () => {
  expect(scrubProviderText("a\r\nb\u0000c\u001b[31md\u202ee\u2028f", 300)).toBe("a b c [31md e f")
})

test("long words are cut to the length asked for", () => {
  const words = "word ".repeat(200)
  expect(scrubProviderText(words, 80)).toHaveLength(80)
  expect(scrubProviderText(words, 80).endsWith("…")).toBe(true)
  expect(scrubProviderText("short", 80)).toBe("short")
})
