import { readdirSync, readFileSync } from "node:fs"
import { expect, test } from "vitest"

const root = new URL("../../", import.meta.url)
const folder = new URL("docs/errors/", root)
const source = readFileSync(new URL("packages/sdk/src/wire/error-codes.ts", root), "utf8")
const codes = Array.from(source.matchAll(/\| "([A-Z_]+)"/g), (match) => match[1] ?? "")

test("every code has a page, and every page a code", () => {
  expect(codes.length).toBeGreaterThan(20)
  expect(readdirSync(folder).toSorted()).toEqual(codes.map((code) => `${code}.md`).toSorted())
})

test.each(codes)("the page of %s says what happened, why, what to do, and shows an answer", (code) => {
  const text = readFileSync(new URL(`${code}.md`, folder), "utf8")
  const headings = text.split("\n").filter((line) => line.startsWith("#"))
  expect(headings).toEqual([`# ${code}`, "## What happened", "## Why", "## What to do", "## An example"])
  const status = /^Status: (\d{3})/m.exec(text)?.[1]
  expect(text).toContain(`HTTP/1.1 ${status} `)
  const example: unknown = JSON.parse(/```json\n(.*?)\n```/s.exec(text)?.[1] ?? "")
  expect(example).toMatchObject({ code, docs_url: expect.stringMatching(new RegExp(`/errors/${code}$`)) })
})
