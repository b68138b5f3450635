import { describe, expect, test } from "vitest"
import { StorageUnavailable } from "../storage/storage.ts"
import { untilStored } from "./until-stored.ts"

const away = new StorageUnavailable("away")

/** Fails as often as told, then succeeds. */
function failing(times: number, error: Error = away) {
  let tries = 0
  const write = async (): Promise<string> => {
    tries += 1
    if (tries <= times) throw error
    return "stored"
  }
  return { write, tries: () => tries }
}

describe("a write that waits for the database", () => {
  test("is tried until it succeeds", async () => {
    const { tries, write } = failing(2)
    expect(await untilStored(write, { signal: new AbortController().signal })).toBe("stored")
    expect(tries()).toBe(3)
  })

  test("is not tried again after any other error", async () => {
    const { tries, write } = failing(1, new Error("a defect"))
    await expect(untilStored(write, { signal: new AbortController().signal })).rejects.toThrow("a defect")
    expect(tries()).toBe(1)
  })

  test("gives up when its time is over", async () => {
    const { write } = failing(1_000)
    const startedAt = performance.now()
    await expect(untilStored(write, { signal: new AbortController().signal, forMs: 300 })).rejects.toBe(away)
    expect(performance.now() - startedAt).toBeLessThan(1_500)
  })

  test("when the server stops it is tried once more at once, and then given up", async () => {
    const stopping = new AbortController()
    const { tries, write } = failing(1_000)
    const written = untilStored(write, { signal: stopping.signal })
    await new Promise((resolve) => setTimeout(resolve, 20))
    stopping.abort()
    await expect(written).rejects.toBe(away)
    expect(tries()).toBe(2)
  })
})
