/** A connector file is the person's: what a pull does not change stays letter for letter, its comments first of all. */
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import fc from "fast-check"
import { afterAll, beforeAll, expect, test } from "vitest"
import {
  type ConnectorFile,
  parseConnectorFile,
} from "../../packages/cli/src/connector-files/parse-connector-file.ts"
import { writeConnectorFiles } from "../../packages/cli/src/connector-files/write-connector-files.ts"

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "grantry-files-"))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

/** What may stand between two tokens of JSONC. */
const gap = fc.oneof(
  fc.constantFrom("", " ", "\n", "\r\n", "\t", "  \n  "),
  fc.string({ unit: fc.constantFrom(...'abc {}[]",:/é'), maxLength: 15 }).map((text) => `// ${text}\n`),
  fc.string({ unit: fc.constantFrom(...'abc {}[]",:é\n'), maxLength: 15 }).map((text) => `/* ${text} */`),
)
const scope = fc.string({ unit: fc.constantFrom(...'abcXYZ.:/-_09\\"é'), minLength: 1, maxLength: 12 })
const scopes = fc.uniqueArray(scope, { maxLength: 4 })
const config = fc.dictionary(fc.constantFrom("subdomain", "hostname", "a b"), scope, { maxKeys: 3 })

interface Member {
  readonly name: string
  readonly value: string
}

const members = fc
  .tuple(fc.constantFrom("slack", "notion"), fc.option(scopes), fc.option(config))
  .map(([type, granted, values]): readonly Member[] => [
    { name: "type", value: JSON.stringify(type) },
    ...(granted ? [{ name: "scopes", value: JSON.stringify(granted) }] : []),
    ...(values ? [{ name: "connection_config", value: JSON.stringify(values) }] : []),
  ])

interface Written {
  readonly text: string
  /** The comments outside of every value. */
  readonly gaps: readonly string[]
}

const file = fc
  .tuple(
    members.chain((all) => fc.shuffledSubarray([...all], { minLength: all.length })),
    fc.array(gap, { minLength: 16, maxLength: 16 }),
    fc.boolean(),
  )
  .map(([all, gaps, trails]): Written => {
    let used = 0
    const next = (): string => gaps[(used += 1) - 1] ?? ""
    const body = all
      .map(({ name, value }) => `${next()}"${name}"${next()}:${next()}${value}${next()}`)
      .join(",")
    const text = `${next()}{${body}${trails ? "," : ""}${next()}}${next()}`
    return { text, gaps: gaps.slice(0, used) }
  })

test("a pull changes the scopes and nothing else", async () => {
  await fc.assert(
    fc.asyncProperty(file, scopes, async ({ gaps, text }, remote) => {
      const path = join(folder, "one.jsonc")
      await writeFile(path, text)
      const parsed = parseConnectorFile({ path, file: "one.jsonc", text })
      expect(parsed.problems).toEqual([])
      if (!parsed.connector) return
      const type = parsed.connector.type.value
      const { written } = await writeConnectorFiles(
        folder,
        [parsed.connector],
        [{ integration_type: type, scopes: remote, status: "active" }],
      )
      const after = await readFile(path, "utf8")
      if (written.length === 0) expect(after).toBe(text)
      const again = parseConnectorFile({ path, file: "one.jsonc", text: after })
      expect(again.problems).toEqual([])
      // Left to the server, the file goes on saying nothing of scopes.
      const wanted = parsed.connector.scopes === null ? null : new Set(remote)
      expect(again.connector?.scopes === null ? null : new Set(again.connector?.scopes)).toEqual(wanted)
      expect(again.connector?.type.value).toBe(type)
      expect(valuesOf(again.connector)).toEqual(valuesOf(parsed.connector))
      for (const comment of gaps.filter((one) => one.trim() !== "")) expect(after).toContain(comment.trim())
    }),
    { numRuns: 500 },
  )
})

function valuesOf(file: ConnectorFile | null): Record<string, string> {
  return Object.fromEntries([...(file?.config ?? [])].map(([name, { value }]) => [name, value]))
}

test("no text makes the reader fail: it is a connector, or its problems have places in it", () => {
  const noise = fc.oneof(
    fc.string({ unit: "binary", maxLength: 80 }),
    fc
      .array(
        fc.constantFrom(
          "{",
          "}",
          "[",
          "]",
          ",",
          ":",
          '"type"',
          '"scopes"',
          '"slack"',
          "1",
          "null",
          "//",
          "/*",
          "*/",
          "\n",
        ),
        { maxLength: 20 },
      )
      .map((parts) => parts.join("")),
    fc.jsonValue().map((value) => JSON.stringify(value)),
  )
  fc.assert(
    fc.property(noise, (text) => {
      const { connector, problems } = parseConnectorFile({ path: "/x", file: "x", text })
      expect(connector === null).toBe(problems.length > 0)
      for (const { column, line } of problems) expect([line > 0, column > 0]).toEqual([true, true])
    }),
    { numRuns: 1_000 },
  )
})
