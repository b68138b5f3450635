import { randomBytes } from "node:crypto"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterEach, beforeEach, describe, expect, test } from "vitest"
import { newId } from "../random.ts"
import { openStorage } from "../storage/open-storage.ts"
import { type Storage, StorageUnavailable } from "../storage/storage.ts"
import type { DataKeyStore } from "../storage/stores/data-keys.ts"
import { newDataKey } from "./data-key.ts"
import { createKeyring, type Keyring, type KeyringOptions } from "./keyring.ts"
import { parseMasterKeys } from "./master-keys.ts"

const folder = mkdtempSync(join(tmpdir(), "grantry-keyring-"))
const secret = randomBytes(32).toString("base64")
const masterKeys = parseMasterKeys(`k1:${secret}`)
const day = 86_400_000
let storage: Storage
let now = 0

beforeEach(async () => {
  now = 1_000_000
  storage = await openStorage({ url: `file:${join(folder, `${newId("db")}.db`)}` })
  for (const id of ["ws_1", "ws_2"]) {
    await storage.accounts.insertWorkspace({ id, name: id, plan: "free", personalOf: null, createdAt: 0 })
  }
})

afterEach(async () => {
  await storage.close()
  rmSync(folder, { recursive: true })
})

function keyring(options: Partial<KeyringOptions> = {}): Keyring {
  return createKeyring({
    masterKeys,
    dataKeys: storage.dataKeys,
    newId: () => newId("dk"),
    now: () => now,
    ...options,
  })
}

/** The real store, counting and, where told, standing still until everybody has asked. */
function watched(change: Partial<DataKeyStore> = {}) {
  const calls = { insert: 0, find: 0, findCurrent: 0 }
  const { dataKeys } = storage
  const store: DataKeyStore = {
    ...dataKeys,
    insert: (key, seals) => (calls.insert++, dataKeys.insert(key, seals)),
    find: (workspaceId, id) => (calls.find++, dataKeys.find(workspaceId, id)),
    findCurrent: (workspaceId) => (calls.findCurrent++, dataKeys.findCurrent(workspaceId)),
    ...change,
  }
  return { store, calls }
}

describe("the first seal of a workspace", () => {
  test("makes one key, however many callers there are", async () => {
    const { store, calls } = watched()
    const ring = keyring({ dataKeys: store })
    const keys = await Promise.all(Array.from({ length: 50 }, () => ring.current("ws_1")))
    expect(new Set(keys.map(({ id }) => id)).size).toBe(1)
    expect(calls.insert).toBe(1)
  })

  test("in two replicas at once makes one key, which opens in both", async () => {
    for (let round = 0; round < 100; round++) {
      const workspaceId = newId("ws")
      await storage.accounts.insertWorkspace({
        id: workspaceId,
        name: "w",
        plan: "free",
        personalOf: null,
        createdAt: 0,
      })
      const rings = [keyring(), keyring()]
      const used = await Promise.all(rings.map((ring) => ring.current(workspaceId)))
      for (const ring of rings) {
        for (const { id } of used) expect((await ring.find(workspaceId, id)).id).toBe(id)
      }
      expect(new Set(used.map(({ id }) => id)).size).toBe(1)
    }
  })

  test("uses the other replica's key when that was made between asking and making", async () => {
    const { store } = watched({
      async insert(key, seals) {
        const other = await newDataKey({ ...key, id: "dk_other" }, masterKeys.first, now)
        await storage.dataKeys.insert(other, 0)
        return storage.dataKeys.insert(key, seals)
      },
    })
    expect((await keyring({ dataKeys: store }).current("ws_1")).id).toBe("dk_other")
  })
})

test("each workspace has a key of its own, which the other one cannot name", async () => {
  const ring = keyring()
  const [one, two] = [await ring.current("ws_1"), await ring.current("ws_2")]
  expect(one.key.equals(two.key)).toBe(false)
  expect(ring.peek("ws_2", one.id)).toBeUndefined()
  await expect(ring.find("ws_2", one.id)).rejects.toMatchObject({ reason: "data_key_missing" })
})

test("a key in memory is read once, however many callers wait for it", async () => {
  const { id } = await keyring().current("ws_1")
  const { store, calls } = watched()
  const ring = keyring({ dataKeys: store })
  await Promise.all(Array.from({ length: 50 }, () => ring.find("ws_1", id)))
  await ring.find("ws_1", id)
  expect(calls.find).toBe(1)
})

test("a key leaves memory after its time, so that a deleted one stops opening", async () => {
  const ring = keyring({ limits: { memoryMs: 1000 } })
  const { id } = await ring.current("ws_1")
  now += 999
  expect(ring.peek("ws_1", id)?.id).toBe(id)
  now += 1
  expect(ring.peek("ws_1", id)).toBeUndefined()
  expect((await ring.find("ws_1", id)).id).toBe(id)
  expect(ring.peek("ws_1", id)?.id).toBe(id)
})

test("memory holds no more keys than it may", async () => {
  const ring = keyring({ limits: { maxKeysInMemory: 1 } })
  const one = await ring.current("ws_1")
  const two = await ring.current("ws_2")
  expect([ring.peek("ws_1", one.id)?.id, ring.peek("ws_2", two.id)?.id]).toEqual([undefined, two.id])
  expect((await ring.current("ws_1")).id).toBe(one.id)
})

describe("a key that has served its time is replaced, and still found", () => {
  test("after so many seals", async () => {
    const ring = keyring({ limits: { maxSeals: 3, sealBlock: 3 } })
    const ids: string[] = []
    for (let seal = 0; seal < 7; seal++) {
      now += 1
      ids.push((await ring.current("ws_1")).id)
    }
    const [first, second, third] = [...new Set(ids)]
    expect(ids).toEqual([first, first, first, second, second, second, third])
    expect((await keyring().find("ws_1", first ?? "")).id).toBe(first)
  })

  test("after a year", async () => {
    const ring = keyring()
    const first = await ring.current("ws_1")
    now += 365 * day - 1
    expect((await ring.current("ws_1")).id).toBe(first.id)
    now += 1
    expect((await ring.current("ws_1")).id).not.toBe(first.id)
  })

  test("counting goes on when memory is refreshed", async () => {
    const ring = keyring({ limits: { maxSeals: 3, sealBlock: 3, memoryMs: 10 } })
    const ids: string[] = []
    for (let seal = 0; seal < 4; seal++) {
      ids.push((await ring.current("ws_1")).id)
      now += 10
    }
    expect(new Set(ids.slice(0, 3)).size).toBe(1)
    expect(ids[3]).not.toBe(ids[0])
  })
})

describe("a key that cannot be used", () => {
  test("is named when its master key is not configured", async () => {
    const { id } = await keyring().current("ws_1")
    const other = keyring({ masterKeys: parseMasterKeys(`k2:${secret}`) })
    await expect(other.find("ws_1", id)).rejects.toMatchObject({
      reason: "master_key_missing",
      message: expect.stringContaining('"k1"'),
    })
    await expect(other.current("ws_1")).rejects.toMatchObject({ reason: "master_key_missing" })
  })

  test("does not unwrap with other bytes under the same master key id", async () => {
    const { id } = await keyring().current("ws_1")
    const other = keyring({ masterKeys: parseMasterKeys(`k1:${randomBytes(32).toString("base64")}`) })
    await expect(other.find("ws_1", id)).rejects.toMatchObject({ reason: "data_key_altered" })
  })

  test("does not unwrap with any byte of the wrapping changed, or in another workspace's row", async () => {
    const { id } = await keyring().current("ws_1")
    const stored = await storage.dataKeys.find("ws_1", id)
    if (!stored) throw new Error("not stored")
    const rows = Array.from(stored.wrapped, (byte, position) => ({
      ...stored,
      wrapped: Buffer.from(stored.wrapped).fill(byte ^ 1, position, position + 1),
    }))
    const moved = { ...stored, workspaceId: "ws_2" }
    const renamed = { ...stored, id: newId("dk") }
    const cut = { ...stored, wrapped: stored.wrapped.subarray(1) }
    for (const row of [...rows, moved, renamed, cut]) {
      const { store } = watched({ find: async () => row })
      await expect(keyring({ dataKeys: store }).find(row.workspaceId, row.id)).rejects.toMatchObject({
        reason: "data_key_altered",
      })
    }
  })

  test("because the database is away is not called unreadable, and is tried again", async () => {
    const { id } = await keyring().current("ws_1")
    let away = true
    const { store } = watched({
      find: async (workspaceId, keyId) => {
        if (away) throw new StorageUnavailable("away")
        return storage.dataKeys.find(workspaceId, keyId)
      },
    })
    const ring = keyring({ dataKeys: store })
    await expect(ring.find("ws_1", id)).rejects.toThrow(StorageUnavailable)
    away = false
    expect((await ring.find("ws_1", id)).id).toBe(id)
  })
})
