/** Only the catalogue and the sandbox know services by name: everything else asks for a property. */
import { readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { builtInCatalog } from "@grantry/catalog"
import { expect, test } from "vitest"

const root = join(import.meta.dirname, "../..")
const folders = ["packages/server/src", "packages/sdk/src"]

const names = builtInCatalog.all().flatMap(({ family, type }) => (family === null ? [type] : [type, family]))
const quoted = new RegExp(`(["'\`])(${[...new Set(names)].join("|")})\\1`, "g")

function withoutComments(source: string): string {
  return source.replace(/\/\*[\s\S]*?\*\//g, "").replace(/^\s*\/\/.*$/gm, "")
}

function namesIn(file: string): string[] {
  const found = withoutComments(readFileSync(join(root, file), "utf8")).matchAll(quoted)
  return [...found].map(([, , name = ""]) => `${file} names ${name}`)
}

test("no source outside the catalogue and the sandbox names a service", () => {
  const sources = folders.flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
      .filter((file) => file.endsWith(".ts") && !file.endsWith(".test.ts"))
      .map((file) => join(folder, file)),
  )
  expect(sources.length).toBeGreaterThan(100)
  expect(sources.flatMap(namesIn)).toEqual([])
})
