import { describe, expect, test } from "vitest"
import { createCallSlots, type Slot } from "./call-slots.ts"

const limits = { perTenant: 2, perClient: 3, waitingPerTenant: 2 }
const never = new AbortController().signal
const place = (tenant: string, client = "shared") => ({ tenant, client })

/** What a promise has come to by now. */
async function soFar<T>(promise: Promise<T>): Promise<T | "waits"> {
  return Promise.race([promise, new Promise<"waits">((done) => setImmediate(() => done("waits")))])
}

function entered(slot: Slot | "waits" | undefined): Slot {
  if (slot === undefined || slot === "waits") throw new Error("there was no room")
  return slot
}

describe("room for calls to providers", () => {
  test("a workspace has so much, at all its clients together, and gets back what it leaves", async () => {
    const slots = createCallSlots(limits)
    const first = entered(slots.enterNow(place("a", "one")))
    entered(slots.enterNow(place("a", "two")))
    expect(slots.enterNow(place("a", "three"))).toBeUndefined()
    first.leave()
    first.leave()
    entered(slots.enterNow(place("a", "three")))
    expect(slots.enterNow(place("a", "one"))).toBeUndefined()
  })

  test("one whose calls all hang leaves room for another at the client that they share", () => {
    const slots = createCallSlots(limits)
    entered(slots.enterNow(place("a")))
    entered(slots.enterNow(place("a")))
    expect(slots.enterNow(place("a"))).toBeUndefined()
    entered(slots.enterNow(place("b")))
  })

  test("who waits is let in when there is room, the workspaces in turn", async () => {
    const slots = createCallSlots({ ...limits, perTenant: 5, perClient: 1, waitingPerTenant: 5 })
    const held = [entered(slots.enterNow(place("a")))]
    const order: string[] = []
    for (const tenant of ["a", "a", "a", "b", "b"]) {
      void slots.enter(place(tenant), never).then((slot) => {
        order.push(tenant)
        held.push(entered(slot))
      })
    }
    for (let turn = 1; turn <= 5; turn += 1) {
      held.pop()?.leave()
      await new Promise((done) => setImmediate(done))
      expect(order).toHaveLength(turn)
    }
    expect(order).toEqual(["a", "b", "a", "b", "a"])
  })

  test("nobody joins a queue that is long already, nor one of a server that stops", async () => {
    const slots = createCallSlots(limits)
    for (let index = 0; index < limits.perTenant; index += 1) entered(slots.enterNow(place("a")))
    const stopping = new AbortController()
    const waiting = [1, 2].map(() => slots.enter(place("a"), stopping.signal))
    expect(await slots.enter(place("a"), never)).toBeUndefined()
    expect(await soFar(waiting[0] ?? Promise.resolve(undefined))).toBe("waits")
    stopping.abort()
    expect(await Promise.all(waiting)).toEqual([undefined, undefined])
    expect(await slots.enter(place("a"), stopping.signal)).toBeUndefined()
  })
})
