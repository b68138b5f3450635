/** What can be set is documented, and can be set by a flag unless it is a secret. */
import { readFileSync } from "node:fs"
import { expect, test } from "vitest"
import { flagNames, variableOf } from "../../packages/server/src/config/flags.ts"

const root = new URL("../../", import.meta.url)
const page = readFileSync(new URL("docs/configuration.md", root), "utf8")

/** In the first column of a table. */
const documented = new Set(
  page
    .split("\n")
    .filter((line) => line.startsWith("| `"))
    .flatMap((line) => line.split("|")[1]?.match(/GRANTRY_[A-Z_]+/g) ?? []),
)
const secrets = [
  "GRANTRY_BOOTSTRAP_API_KEY",
  "GRANTRY_BOOTSTRAP_PASSWORD",
  "GRANTRY_MASTER_KEY",
  "GRANTRY_METRICS_TOKEN",
  "GRANTRY_OIDC_CLIENT_SECRET",
  "GRANTRY_VAULT_TOKEN",
]
test("every setting of the documentation is a flag, except secrets and OAuth clients", () => {
  const settings = [...documented].filter((name) => !secrets.includes(name) && !name.endsWith("_"))
  expect(settings.toSorted()).toEqual(flagNames.map(variableOf).toSorted())
})

test("every secret is documented", () => {
  expect(secrets.filter((name) => !documented.has(name))).toEqual([])
})
