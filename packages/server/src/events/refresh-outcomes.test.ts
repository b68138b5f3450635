import { pino } from "pino"
import { expect, test } from "vitest"
import { StorageUnavailable } from "../storage/storage.ts"
import type { RefreshCount, RefreshOutcomeStore } from "../storage/stores/refresh-outcomes.ts"
import { bucketMs, createRefreshOutcomes } from "./refresh-outcomes.ts"

const start = 1_800_000_000_000 - (1_800_000_000_000 % bucketMs)

function counting(failures: readonly Error[] = []) {
  const added: RefreshCount[][] = []
  const rest = [...failures]
  const time = { now: start }
  const store: RefreshOutcomeStore = {
    async add(counts) {
      const failure = rest.shift()
      if (failure) throw failure
      added.push([...counts])
    },
    sum: async () => [],
    forget: async () => undefined,
  }
  const outcomes = createRefreshOutcomes({
    store,
    now: () => time.now,
    log: pino({ level: "silent" }),
    intervalMs: 3_600_000,
  })
  return { added, outcomes, time }
}

const ok = { workspaceId: "ws_1", type: "slack", outcome: "ok" }

test("a bucket's refreshes are one sum, and each sum is written once", async () => {
  const { added, outcomes, time } = counting()
  for (let count = 0; count < 3; count += 1) outcomes.count("ws_1", "slack", "ok")
  time.now += bucketMs
  outcomes.count("ws_1", "slack", "ok")
  await outcomes.flush()
  await outcomes.flush()
  await outcomes.close()
  expect(added).toEqual([
    [
      { ...ok, bucketAt: start, count: 3 },
      { ...ok, bucketAt: start + bucketMs, count: 1 },
    ],
  ])
})

test("what the database did not take is added later, together with what came meanwhile", async () => {
  const away = new StorageUnavailable("away", { outcome: "not_applied" })
  const { added, outcomes } = counting([away])
  outcomes.count("ws_1", "slack", "ok")
  await outcomes.flush()
  outcomes.count("ws_1", "slack", "ok")
  await outcomes.close()
  expect(added).toEqual([[{ ...ok, bucketAt: start, count: 2 }]])
})

test("what the database may have taken is not counted twice", async () => {
  const { added, outcomes } = counting([new StorageUnavailable("cut", { outcome: "unknown" })])
  outcomes.count("ws_1", "slack", "ok")
  await outcomes.flush()
  await outcomes.close()
  expect(added).toEqual([])
})
