import { expect, test } from "vitest"
import type { AuditInput } from "./audit.ts"
import { createReadCounts } from "./read-counts.ts"

const read: AuditInput = {
  workspaceId: "ws_1",
  appId: "app_1",
  actor: "service:sk_1",
  action: "token.read",
  target: "type:slack",
  outcome: "ok",
  address: "192.0.2.1",
}

function counts() {
  let made = 0
  return createReadCounts((event, now) => ({
    address: null,
    requestId: null,
    ...event,
    id: `evt_${(made += 1)}`,
    count: 1,
    at: now,
    until: now,
  }))
}

test("reads of one token by one caller with one outcome are one sum, however they are counted", () => {
  const sums = counts()
  const counter = sums.count(read, 1)
  expect(counter.again(2)).toBe(true)
  sums.count({ ...read }, 3)
  expect(sums.take()).toMatchObject([{ id: "evt_1", count: 3, at: 1, until: 3 }])
})

test.each([
  { actor: "service:sk_2" },
  { target: "type:github" },
  { outcome: "NOT_FOUND" },
  { address: "192.0.2.2" },
])("%o makes another sum", (other) => {
  const sums = counts()
  sums.count(read, 1)
  sums.count({ ...read, ...other }, 2)
  expect(sums.size()).toBe(2)
  expect(sums.take().map(({ count }) => count)).toEqual([1, 1])
})

test("what is counted after sums were taken is in the next ones, and nothing is counted twice", () => {
  const sums = counts()
  const counter = sums.count(read, 1)
  expect(sums.take()).toMatchObject([{ count: 1 }])
  expect(counter.again(2)).toBe(false)
  expect(sums.take()).toEqual([])
  sums.count(read, 3)
  expect(sums.take()).toMatchObject([{ count: 1, at: 3, until: 3 }])
})
