import { globSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { expect, test } from "vitest"

const root = join(import.meta.dirname, "../..")
const page = readFileSync(join(root, "docs/audit.md"), "utf8")
const sources = globSync("packages/server/src/**/*.ts", { cwd: root }).filter(
  (path) => !path.endsWith(".test.ts"),
)
const actions = sources.flatMap((path) => {
  const source = readFileSync(join(root, path), "utf8")
  const matches = source.matchAll(
    /(?:\baction: |\baudit\([^()]*(?:\([^()]*\))?[^()]*, )"([a-z_]+\.[a-z_]+)"/g,
  )
  return Array.from(matches, ([, action = ""]) => action)
})

test("the documentation names everything that the audit records", () => {
  expect(new Set(actions).size).toBeGreaterThan(30)
  expect([...new Set(actions)].filter((action) => !page.includes(`\`${action}\``))).toEqual([])
})
