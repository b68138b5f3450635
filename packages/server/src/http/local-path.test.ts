import { expect, test } from "vitest"
import { localPath } from "./local-path.ts"

test.each(["/", "/device", "/device?user_code=BCDF-GHJK", "/invite/abc?x=%2F%2Fevil"])("%s stays", (path) => {
  expect(localPath(path)).toBe(path)
})

test.each([
  "",
  "device",
  "//evil.example",
  "/\\evil.example",
  "\\/evil.example",
  "/.//evil.example",
  "/a/..//evil.example",
  "/%2e//evil.example",
  "https://evil.example",
  "javascript:alert(1)",
  "/\tevil",
  "/\n/evil.example",
  "/a\r\nset-cookie: x=1",
  "/ä",
  " /device",
  `/${"a".repeat(1_001)}`,
  undefined,
  ["/device"],
])("%j leads nowhere", (given) => {
  expect(localPath(given)).toBeNull()
})
