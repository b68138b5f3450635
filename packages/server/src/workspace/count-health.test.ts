import { expect, test } from "vitest"
import type { Storage } from "../storage/storage.ts"
import type { ConnectionCounts, ConnectionStore } from "../storage/stores/connections.ts"
import { createCountHealth } from "./count-health.ts"

const clock = { now: () => 1_800_000_000_000 }

/** Counting that ends when the test says so. */
function counting() {
  const asked: string[] = []
  const ends: { resolve: (counts: ConnectionCounts[]) => void; reject: (error: Error) => void }[] = []
  const connections: Pick<ConnectionStore, "countHealth"> = {
    countHealth(workspaceId) {
      asked.push(workspaceId)
      return new Promise((resolve, reject) => ends.push({ resolve, reject }))
    },
  }
  const count = createCountHealth({ clock, storage: { connections } as unknown as Storage })
  return { asked, ends, count }
}

test("whoever asks while a workspace is counted gets the same count", async () => {
  const { asked, count, ends } = counting()
  const answers = Array.from({ length: 20 }, () => count("ws_1"))
  const other = count("ws_2")
  expect(asked).toEqual(["ws_1", "ws_2"])
  ends.forEach(({ resolve }) => resolve([]))
  expect(new Set(await Promise.all(answers)).size).toBe(1)
  expect(await other).toEqual({ countedAt: clock.now(), counts: [] })
})

test("a count that failed is not kept", async () => {
  const { asked, count, ends } = counting()
  const first = count("ws_1")
  ends[0]?.reject(new Error("away"))
  await expect(first).rejects.toThrow("away")
  const second = count("ws_1")
  expect(asked).toHaveLength(2)
  ends[1]?.resolve([])
  await expect(second).resolves.toMatchObject({ counts: [] })
})
