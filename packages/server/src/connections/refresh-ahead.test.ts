import { createCatalog } from "@grantry/catalog"
import { pino } from "pino"
import { afterEach, expect, test, vi } from "vitest"
import { readConfig } from "../config.ts"
import type { DueClient } from "../storage/stores/connections.ts"
import type { ConnectionStore } from "../storage/stores/connections.ts"
import { createCircuits } from "./circuits.ts"
import { type RefreshAhead, type RefreshAheadDependencies, startRefreshAhead } from "./refresh-ahead.ts"

type DueQuery = Parameters<ConnectionStore["leaseDue"]>[0]

/** What is due, by OAuth client; every refresh that begins hangs. */
interface Backlog {
  readonly due: Map<DueClient, number>
  readonly asked: DueQuery[]
  /** How often it was asked which clients have something due. */
  listed: number
  readonly begun: Map<DueClient, number>
}

const running: RefreshAhead[] = []
afterEach(async () => {
  for (const one of running.splice(0)) await one.close()
  vi.restoreAllMocks()
})

function start(
  rate: number,
  replicas = 1,
  known = new Promise<void>(() => undefined),
): { readonly backlog: Backlog; readonly ahead: RefreshAhead } {
  const backlog: Backlog = { due: new Map(), asked: [], listed: 0, begun: new Map() }
  const clientOf = new WeakMap<object, DueClient>()
  const connections = {
    listDueClients: async () => {
      backlog.listed += 1
      return [...backlog.due.keys()].filter((client) => (backlog.due.get(client) ?? 0) > 0)
    },
    leaseDue: async (query: DueQuery) => {
      backlog.asked.push(query)
      const due = backlog.due.get(query.client) ?? 0
      const leased = Math.min(due, query.limit)
      backlog.due.set(query.client, due - leased)
      return Array.from({ length: leased }, () => {
        const connection = {}
        clientOf.set(connection, query.client)
        return connection
      })
    },
  }
  const refresher = {
    circuits: createCircuits(),
    refreshAhead: ({ connection }: { readonly connection: object }) => {
      const client = clientOf.get(connection) ?? ""
      backlog.begun.set(client, (backlog.begun.get(client) ?? 0) + 1)
      return new Promise<void>(() => undefined)
    },
  }
  const deps = {
    catalog: createCatalog([]),
    clock: { now: () => 0 },
    config: readConfig({ GRANTRY_REFRESH_RATE: String(rate) }, { types: [], families: [] }),
    log: pino({ level: "silent" }),
    replicas: {
      count: () => replicas,
      known,
      close: async () => undefined,
    },
    storage: { connections },
    refresher,
  } as unknown as RefreshAheadDependencies
  const ahead = startRefreshAhead(deps)
  running.push(ahead)
  return { backlog, ahead }
}

let at = performance.now()

/** Passes a tenth of a second apart. */
async function passes(ahead: RefreshAhead, count: number): Promise<void> {
  const now = vi.spyOn(performance, "now")
  for (let pass = 0; pass < count; pass += 1) {
    now.mockReturnValue((at += 100))
    await ahead.runOnce()
  }
  now.mockRestore()
}

test("an OAuth client whose calls hang has only so many of them, and others begin theirs", async () => {
  const { ahead, backlog } = start(10_000)
  backlog.due.set("con_hangs", 100_000)
  await passes(ahead, 10)
  expect(backlog.begun.get("con_hangs")).toBe(64)
  backlog.due.set("con_other", 5)
  await passes(ahead, 2)
  expect(backlog.begun.get("con_other")).toBe(5)
})

test("however many hang, a client with nothing under way begins something", async () => {
  const { ahead, backlog } = start(10_000)
  for (const client of ["con_1", "con_2", "con_3"]) backlog.due.set(client, 100_000)
  await passes(ahead, 20)
  const hanging = [...backlog.begun.values()].reduce((sum, count) => sum + count, 0)
  expect(hanging).toBeGreaterThanOrEqual(128)
  expect(hanging).toBeLessThanOrEqual(130)
  backlog.due.set("con_other", 5)
  await passes(ahead, 5)
  expect(backlog.begun.get("con_other")).toBe(2)
})

test("batches come from either end of what is due in turn: who has a backlog is not ahead of everybody after it", async () => {
  const { ahead, backlog } = start(100)
  backlog.due.set("sandbox:shared", 1_000)
  await passes(ahead, 4)
  expect(backlog.asked.map(({ newestFirst }) => newestFirst)).toEqual([false, true, false, true])
})

test.each([
  [1, 20],
  [2, 10],
  [4, 5],
])("of %i replicas each keeps to its part of the rate: %i a second", async (replicas, perSecond) => {
  const { ahead, backlog } = start(20, replicas)
  backlog.due.set("con_1", 1_000)
  await passes(ahead, 20)
  expect(backlog.begun.get("con_1")).toBeGreaterThanOrEqual(perSecond * 2 - 1)
  expect(backlog.begun.get("con_1")).toBeLessThanOrEqual(perSecond * 2 + 1)
})

test("after a pause no more begins at once than a tenth of a second allows", async () => {
  const { ahead, backlog } = start(100)
  backlog.due.set("con_1", 1_000)
  await passes(ahead, 1)
  at += 10_000
  await passes(ahead, 1)
  expect(backlog.begun.get("con_1")).toBe(11)
})

test("nothing begins by itself before the other replicas count this one", async () => {
  const { backlog } = start(20, 2)
  backlog.due.set("con_1", 1_000)
  await new Promise((resolve) => setTimeout(resolve, 1_200))
  expect(backlog.asked).toEqual([])
})

test("what is due begins many times a second, and is looked for four times", async () => {
  const { backlog } = start(50, 1, Promise.resolve())
  backlog.due.set("con_1", 1_000)
  await new Promise((resolve) => setTimeout(resolve, 2_000))
  expect(backlog.asked.length).toBeGreaterThan(backlog.listed)
  expect(backlog.listed).toBeGreaterThan(0)
  expect(backlog.listed).toBeLessThanOrEqual(5)
})
