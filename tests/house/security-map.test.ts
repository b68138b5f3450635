/** docs/security.md names, for each line of what must never happen, files and tests that exist. */
import { existsSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { expect, test } from "vitest"
import { mutants } from "../mutants/defences.ts"

const root = join(import.meta.dirname, "../..")
const page = readFileSync(join(root, "docs/security.md"), "utf8")
const lastLine = 25

interface Row {
  readonly line: number
  readonly defences: readonly string[]
  readonly tests: readonly { readonly file: string; readonly title: string }[]
}

const rows: readonly Row[] = page
  .split("\n")
  .filter((text) => /^\| \d+ \|/.test(text))
  .map((text) => {
    const [, line = "", , defence = "", tests = ""] = text.split(" | ").join("|").split("|")
    return {
      line: Number(line),
      defences: Array.from(defence.matchAll(/`([^`]+)`/g), ([, file = ""]) => file),
      tests: Array.from(tests.matchAll(/`([^`]+)` "([^"]+)"/g), ([, file = "", title = ""]) => ({
        file,
        title,
      })),
    }
  })

test("every line has its rows, each with a defence and a test", () => {
  const lines = Array.from({ length: lastLine }, (_, index) => index + 1)
  expect([...new Set(rows.map(({ line }) => line))]).toEqual(lines)
  expect(rows.filter(({ defences, tests }) => defences.length === 0 || tests.length === 0)).toEqual([])
})

test("every line has a test under tests/security", () => {
  const proven = new Set(
    rows
      .filter(({ tests }) => tests.some(({ file }) => file.startsWith("tests/security/")))
      .map(({ line }) => line),
  )
  expect(proven.size).toBe(lastLine)
})

test("every defence is a file", () => {
  const files = rows.flatMap(({ defences }) => defences)
  expect(files.filter((file) => !existsSync(join(root, file)))).toEqual([])
})

test("every test is one, by its title", () => {
  const missing = rows
    .flatMap(({ tests }) => tests)
    .filter(({ file, title }) => !existsSync(join(root, file)) || !titlesOf(file).includes(title))
  expect(missing).toEqual([])
})

/** As they are written: the placeholders of `test.each` too. */
function titlesOf(file: string): readonly string[] {
  const source = readFileSync(join(root, file), "utf8")
  return Array.from(
    source.matchAll(/"((?:[^"\\\n]|\\.)+)",?\s*(?:async )?(?:\(|\n|[a-z])/g),
    ([, title = ""]) => title.replaceAll('\\"', '"'),
  )
}

test.each(mutants)(
  "the defence that the mutant '$what' takes out stands where it is looked for",
  (mutant) => {
    const source = readFileSync(join(root, mutant.file), "utf8")
    expect(source.split(mutant.take)).toHaveLength(2)
    expect(existsSync(join(root, mutant.test))).toBe(true)
  },
)
