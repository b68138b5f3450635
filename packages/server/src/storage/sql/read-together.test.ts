import { setImmediate as nextTurn } from "node:timers/promises"
import { expect, test } from "vitest"
import { StorageUnavailable } from "../storage.ts"
import { readTogether } from "./read-together.ts"

/** A table of numbers by name, which notes each statement. */
function table(
  rows: Record<string, number>,
  refuse: (names: readonly string[]) => Error | undefined = () => undefined,
) {
  const statements: (readonly string[])[] = []
  const find = readTogether({
    nameOf: (name: string) => name,
    async readAll(names: readonly string[]) {
      statements.push(names)
      const found = names.flatMap((name) => (name in rows ? [[name, rows[name] ?? 0] as const] : []))
      await nextTurn()
      const error = refuse(names)
      if (error) throw error
      return new Map(found)
    },
  })
  return { rows, statements, find }
}

test("reads of one moment are one statement, each gets its own row, and equal ones are one", async () => {
  const { find, statements } = table({ a: 1, b: 2 })
  expect(await Promise.all([find("b"), find("none"), find("a"), find("b")])).toEqual([2, undefined, 1, 2])
  expect(statements).toEqual([["b", "none", "a"]])
})

test("a read sees what was written before it was asked for, also while the same read is on its way", async () => {
  const { find, rows, statements } = table({ a: 1 })
  const before = find("a")
  await nextTurn()
  rows["a"] = 2
  expect(await Promise.all([before, find("a")])).toEqual([1, 2])
  expect(statements).toEqual([["a"], ["a"]])
})

test("more reads than a statement takes are several statements", async () => {
  const { find, statements } = table({})
  await Promise.all(Array.from({ length: 250 }, (_, index) => find(String(index))))
  expect(statements.map(({ length }) => length)).toEqual([100, 100, 50])
})

test("a key that the database does not take fails nobody else", async () => {
  const bad = new Error("invalid byte sequence")
  const { find } = table({ a: 1, b: 2 }, (names) => (names.includes("bad") ? bad : undefined))
  const answers = await Promise.allSettled([find("a"), find("bad"), find("b")])
  expect(answers).toEqual([
    { status: "fulfilled", value: 1 },
    { status: "rejected", reason: bad },
    { status: "fulfilled", value: 2 },
  ])
})

test("a database that is away is asked once, and everybody hears of it", async () => {
  const away = new StorageUnavailable("away")
  const { find, statements } = table({}, () => away)
  const answers = await Promise.allSettled([find("a"), find("b")])
  expect(answers.map((answer) => (answer as PromiseRejectedResult).reason)).toEqual([away, away])
  expect(statements).toHaveLength(1)
})
