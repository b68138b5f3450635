import { afterAll, beforeAll, describe, expect, it } from "vitest"
import type { RefreshCount } from "../../packages/server/src/storage/stores/refresh-outcomes.ts"
import { databases, NOW, type OpenDatabase, uniqueId } from "./fixtures.ts"

const minuteMs = 60_000
const since = NOW - (NOW % (10 * minuteMs))

describe.each(databases)("counts of refreshes on $name", ({ open }) => {
  let database: OpenDatabase
  beforeAll(async () => {
    database = await open()
  })
  afterAll(() => database.close())

  const count = (workspaceId: string, more: Partial<RefreshCount> = {}): RefreshCount => ({
    workspaceId,
    type: "slack",
    outcome: "ok",
    bucketAt: since,
    count: 1,
    ...more,
  })
  const sum = (workspaceId: string) =>
    database.storage.refreshOutcomes.sum({
      workspaceId,
      since,
      until: since + 30 * minuteMs,
      stepMs: 10 * minuteMs,
    })

  it("add up, whoever counted, and are summed by step", async () => {
    const ws = uniqueId("ws")
    await database.storage.refreshOutcomes.add([
      count(ws, { count: 2 }),
      count(ws, { bucketAt: since + 5 * minuteMs }),
    ])
    await database.replica.refreshOutcomes.add([
      count(ws, { count: 3 }),
      count(ws, { bucketAt: since + 10 * minuteMs, outcome: "transient" }),
      count(ws, { bucketAt: since - 5 * minuteMs, count: 50 }),
      count(ws, { bucketAt: since + 30 * minuteMs, count: 50 }),
    ])
    expect(await sum(ws)).toEqual([
      { type: "slack", outcome: "ok", at: since, count: 6 },
      { type: "slack", outcome: "transient", at: since + 10 * minuteMs, count: 1 },
    ])
    expect(await sum(uniqueId("ws"))).toEqual([])
  })

  it("are all there after two replicas have added the same thousand at once, again and again", async () => {
    const ws = uniqueId("ws")
    const counts = Array.from({ length: 1_000 }, (_, index) => count(ws, { type: `type-${index}` }))
    const backwards = counts.toReversed()
    for (let round = 0; round < 5; round += 1)
      await Promise.all([
        database.storage.refreshOutcomes.add(counts),
        database.replica.refreshOutcomes.add(backwards),
      ])
    const sums = await sum(ws)
    expect(sums).toHaveLength(1_000)
    expect(new Set(sums.map((one) => one.count))).toEqual(new Set([10]))
  })

  it("are forgotten by age", async () => {
    const ws = uniqueId("ws")
    await database.storage.refreshOutcomes.add([
      count(ws),
      count(ws, { bucketAt: since + 10 * minuteMs, count: 4 }),
    ])
    await database.storage.refreshOutcomes.forget(since + minuteMs)
    expect(await sum(ws)).toEqual([{ type: "slack", outcome: "ok", at: since + 10 * minuteMs, count: 4 }])
  })
})
