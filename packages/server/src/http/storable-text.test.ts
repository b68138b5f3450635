import { expect, test } from "vitest"
import { unstorableField } from "./storable-text.ts"

test.each([
  [{ params: { app: "a\0" } }, "params.app"],
  [{ body: { scopes: ["x", "\ud800"] } }, "body.scopes.1"],
  [{ body: { a: { b: { c: "\udc00x" } } } }, "body.a.b.c"],
  [{ body: { "na\0me": "x" } }, "body"],
  [{ body: "\0" }, "body"],
])("text that cannot be kept is named by its place: %j", (parts, field) => {
  expect(unstorableField(parts)).toBe(field)
})

test.each([
  { body: { name: "Büro 🙂", count: 1, none: null, list: [true] } },
  { body: undefined },
  { params: {}, body: null },
])("everything else passes: %j", (parts) => {
  expect(unstorableField(parts)).toBeUndefined()
})

test("a body may be nested as deep as it is long", () => {
  const deep = JSON.parse(`${'{"a":'.repeat(20_000)}"x"${"}".repeat(20_000)}`) as object
  expect(unstorableField({ body: deep })).toBeUndefined()
})
