import { describe, expect, it } from "vitest"
import { RowCache } from "./row-cache.ts"

interface Row {
  readonly value: number
}

function filled(...ids: string[]): RowCache<Row> {
  const cache = new RowCache<Row>(3)
  ids.forEach((id, value) => cache.store(cache.beginRead(), { id, key: `key-${id}` }, { value }))
  return cache
}

describe("row cache", () => {
  it("returns the stored row itself, by its key", () => {
    const cache = new RowCache<Row>(3)
    const row = { value: 1 }
    expect(cache.store(cache.beginRead(), { id: "a", key: "k" }, row)).toBe(true)
    expect(cache.get("k")).toBe(row)
    expect(cache.get("a")).toBeUndefined()
  })

  it("holds no more than its capacity and forgets what was not asked for longest", () => {
    const cache = filled("a", "b", "c")
    cache.get("key-a")
    cache.store(cache.beginRead(), { id: "d", key: "key-d" }, { value: 9 })
    expect(cache.size).toBe(3)
    expect(cache.get("key-b")).toBeUndefined()
    expect(cache.get("key-a")).toEqual({ value: 0 })
    expect(cache.get("key-d")).toEqual({ value: 9 })
  })

  it.each([
    ["its id", { ids: ["a"] }],
    ["its key", { key: "key-a" }],
    ["both", { ids: ["a"], key: "key-a" }],
    ["neither, so that it may be any", {}],
  ])("forgets a row as soon as a write to it begins that names %s", (_, written) => {
    const cache = filled("a", "b")
    cache.beginWrite(written)
    expect(cache.get("key-a")).toBeUndefined()
    expect(cache.get("key-b")?.value).toBe("ids" in written || "key" in written ? 1 : undefined)
  })

  it.each([{ ids: ["a"] }, { key: "key-a" }, {}])(
    "takes no row in while a write to it runs (%j)",
    (written) => {
      const cache = filled()
      const end = cache.beginWrite(written)
      const names = { id: "a", key: "key-a" }
      expect(cache.store(cache.beginRead(), names, { value: 1 })).toBe(false)
      end()
      expect(cache.store(cache.beginRead(), names, { value: 2 })).toBe(true)
    },
  )

  it("takes in no row that was read before a write began or ended", () => {
    const cache = filled()
    const names = { id: "a", key: "key-a" }
    const beforeWrite = cache.beginRead()
    const end = cache.beginWrite({ ids: ["a"] })
    const duringWrite = cache.beginRead()
    end()
    expect(cache.store(beforeWrite, names, { value: 1 })).toBe(false)
    expect(cache.store(duringWrite, names, { value: 1 })).toBe(false)
    expect(cache.get("key-a")).toBeUndefined()
  })

  it("stays closed to a row until the last of several writes to it has ended", () => {
    const cache = filled()
    const [first, second] = [cache.beginWrite({ ids: ["a"] }), cache.beginWrite({ ids: ["a"] })]
    const store = () => cache.store(cache.beginRead(), { id: "a", key: "key-a" }, { value: 1 })
    first()
    first()
    expect(store()).toBe(false)
    second()
    expect(store()).toBe(true)
  })

  it("goes on serving rows that a running write does not name", () => {
    const cache = filled("a", "b")
    const end = cache.beginWrite({ ids: ["a"] })
    expect(cache.get("key-b")).toEqual({ value: 1 })
    expect(cache.store(cache.beginRead(), { id: "c", key: "key-c" }, { value: 2 })).toBe(true)
    end()
    expect(cache.get("key-c")).toEqual({ value: 2 })
  })

  it("forgets the old key of a row that is stored under another one", () => {
    const cache = filled("a")
    cache.store(cache.beginRead(), { id: "a", key: "moved" }, { value: 5 })
    cache.beginWrite({ ids: ["a"] })()
    expect(cache.get("moved")).toBeUndefined()
    expect(cache.get("key-a")).toBeUndefined()
    expect(cache.size).toBe(0)
  })
})
