import { randomBytes } from "node:crypto"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterEach, beforeEach, describe, expect, test } from "vitest"
import { newId } from "../random.ts"
import { openStorage } from "../storage/open-storage.ts"
import type { Storage } from "../storage/storage.ts"
import {
  createVault,
  MasterKeyMismatch,
  parseMasterKeys,
  rewrapDataKeys,
  type SealContext,
  type Vault,
  verifyMasterKeys,
} from "./vault.ts"

const folder = mkdtempSync(join(tmpdir(), "grantry-rotation-"))
const key = (id: string) => `${id}:${randomBytes(32).toString("base64")}`
const [one, two, three] = [key("k1"), key("k2"), key("k3")]
const keys = (...entries: readonly string[]) => parseMasterKeys(entries.join(","))
let storage: Storage

beforeEach(async () => {
  storage = await openStorage({ url: `file:${join(folder, `${newId("db")}.db`)}` })
})

afterEach(async () => {
  await storage.close()
  rmSync(folder, { recursive: true })
})

const start = (...entries: readonly string[]) => verifyMasterKeys(keys(...entries), storage.meta)
const checks = () => storage.meta.get("master_key_checks")
const rewrap = (...entries: readonly string[]) =>
  rewrapDataKeys({
    masterKeys: keys(...entries),
    dataKeys: storage.dataKeys,
    meta: storage.meta,
    batchSize: 3,
  })

function vaultWith(...entries: readonly string[]): Vault {
  return createVault({
    masterKeys: keys(...entries),
    dataKeys: storage.dataKeys,
    newId: () => newId("dk"),
    now: Date.now,
  })
}

const contextIn = (workspaceId: string): SealContext => ({
  workspaceId,
  record: "connector",
  recordId: "con_1",
  field: "client_secret",
  bound: [],
})

async function sealInWorkspaces(vault: Vault, count: number) {
  const sealed: { context: SealContext; bytes: Uint8Array }[] = []
  for (let index = 0; index < count; index++) {
    const id = newId("ws")
    await storage.accounts.insertWorkspace({ id, name: "w", plan: "free", personalOf: null, createdAt: 0 })
    sealed.push({ context: contextIn(id), bytes: await vault.seal(contextIn(id), `secret ${index}`) })
  }
  return sealed
}

describe("a start", () => {
  test("with the known key goes on, the first time and later", async () => {
    await start(one)
    const stored = await checks()
    await start(one)
    expect(await checks()).toBe(stored)
    expect(stored).not.toContain(one.slice(3, 20))
  })

  test("with other bytes under the known id is refused and changes nothing", async () => {
    await start(one)
    const stored = await checks()
    await expect(start(key("k1"))).rejects.toThrow(MasterKeyMismatch)
    await expect(start(two, key("k1"))).rejects.toThrow(/"k1".*not the one/)
    expect(await checks()).toBe(stored)
  })

  test("without the known key is refused, says which and changes nothing", async () => {
    await start(one)
    const stored = await checks()
    await expect(start(two)).rejects.toThrow(/"k1".*not in GRANTRY_MASTER_KEY/)
    expect(await checks()).toBe(stored)
  })

  test("with the known key behind a new one goes on, and the new one is known from then on", async () => {
    await start(one)
    await start(two, one)
    await expect(start(one)).rejects.toThrow(/"k2"/)
    await expect(start(key("k2"), one)).rejects.toThrow(/"k2"/)
    await start(one, two)
  })

  test("with a new key behind the known one leaves no trace of it", async () => {
    await start(one)
    const stored = await checks()
    await start(one, two)
    expect(await checks()).toBe(stored)
  })

  test("of two new replicas at once with different keys succeeds for one", async () => {
    const results = await Promise.allSettled([start(one), start(two)])
    expect(results.map(({ status }) => status).toSorted()).toEqual(["fulfilled", "rejected"])
  })
})

describe("after a rotation, a replica that was not restarted", () => {
  const guarded = (...entries: readonly string[]) =>
    createVault({
      masterKeys: keys(...entries),
      dataKeys: storage.dataKeys,
      newId: () => newId("dk"),
      now: Date.now,
      beforeNewKey: () => start(...entries),
    })

  async function rotated(): Promise<void> {
    await start(one)
    await sealInWorkspaces(guarded(one), 1)
    await rewrap(two, one)
  }

  test("with the old key alone makes no data key that the new one would not open", async () => {
    await rotated()
    await expect(sealInWorkspaces(guarded(one), 1)).rejects.toThrow(MasterKeyMismatch)
    expect(await storage.dataKeys.countWrappedByOthers("k2")).toBe(0)
  })

  test("with the old key in front of the new one makes the old one known again", async () => {
    await rotated()
    await sealInWorkspaces(guarded(one, two), 1)
    await expect(start(two)).rejects.toThrow(/"k1"/)
    await rewrap(two, one)
    await start(two)
  })
})

describe("a rotation", () => {
  test("wraps every data key anew while both keys serve, and the old key may leave", async () => {
    await start(one)
    const before = vaultWith(one)
    const sealed = await sealInWorkspaces(before, 10)
    await start(two, one)
    expect(await rewrap(two, one)).toEqual({ rewrapped: 10, unreadable: [], retired: ["k1"] })
    await start(two)
    const after = vaultWith(two)
    for (const [index, { context, bytes }] of sealed.entries()) {
      expect(before.openNow(before.place(context, bytes))).toBe(`secret ${index}`)
      expect(await after.open(context, bytes)).toBe(`secret ${index}`)
      await expect(vaultWith(one).open(context, bytes)).rejects.toMatchObject({
        reason: "master_key_missing",
      })
    }
  })

  test("run again has nothing to do", async () => {
    await start(one)
    await sealInWorkspaces(vaultWith(one), 2)
    await rewrap(two, one)
    expect(await rewrap(two, one)).toEqual({ rewrapped: 0, unreadable: [], retired: [] })
    await start(two, one)
    await start(two)
  })

  test("run twice at once wraps each key once", async () => {
    await start(one)
    const sealed = await sealInWorkspaces(vaultWith(one), 20)
    const results = await Promise.all([rewrap(two, one), rewrap(two, one)])
    expect(results.reduce((sum, { rewrapped }) => sum + rewrapped, 0)).toBe(20)
    for (const [index, { context, bytes }] of sealed.entries()) {
      expect(await vaultWith(two).open(context, bytes)).toBe(`secret ${index}`)
    }
  })

  test("reaches keys behind those that nothing unwraps, names those, and keeps their master key known", async () => {
    await start(one)
    const sealed = await sealInWorkspaces(vaultWith(one), 12)
    const broken = (await storage.dataKeys.listWrappedByOthers("none", 100)).slice(0, 5)
    for (const stored of broken)
      await storage.dataKeys.rewrap(stored, { masterKeyId: "k1", wrapped: stored.wrapped.toReversed() })
    const result = await rewrap(two, one)
    expect(result).toEqual({ rewrapped: 7, unreadable: broken.map(({ id }) => id), retired: [] })
    await expect(start(two)).rejects.toThrow(/"k1"/)
    expect(sealed).toHaveLength(12)
  })

  test("over three keys leaves only the first", async () => {
    await start(one)
    await sealInWorkspaces(vaultWith(one), 3)
    await start(two, one)
    await sealInWorkspaces(vaultWith(two, one), 3)
    expect(await rewrap(three, two, one)).toEqual({ rewrapped: 6, unreadable: [], retired: ["k1", "k2"] })
    await start(three)
  })

  test("with keys that are not those of the database changes nothing", async () => {
    await start(one)
    await sealInWorkspaces(vaultWith(one), 1)
    await expect(rewrap(two)).rejects.toThrow(MasterKeyMismatch)
    expect(await storage.dataKeys.listWrappedByOthers("k1", 10)).toEqual([])
  })

  test("after it, new workspaces are wrapped by the first key", async () => {
    await start(one)
    await start(two, one)
    await sealInWorkspaces(vaultWith(two, one), 2)
    expect(await storage.dataKeys.listWrappedByOthers("k2", 10)).toEqual([])
  })
})
