/** DESIGN.md, "Sealing": no data key seals more often than it may, however many replicas there are and however they end. */
import { randomBytes, randomInt } from "node:crypto"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { newId } from "../../packages/server/src/random.ts"
import { StorageUnavailable } from "../../packages/server/src/storage/storage.ts"
import type { DataKeyStore } from "../../packages/server/src/storage/stores/data-keys.ts"
import { createKeyring, type Keyring, type KeyringOptions } from "../../packages/server/src/vault/keyring.ts"
import { parseMasterKeys } from "../../packages/server/src/vault/vault.ts"
import { databases, type OpenDatabase } from "../storage/fixtures.ts"

const masterKeys = parseMasterKeys(`k1:${randomBytes(32).toString("base64")}`)
const rounds = 150

/** Mulberry32: the same seed gives the same rounds. */
function seeded(seed: number) {
  let state = seed
  return (min: number, max: number): number => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return min + (((mixed ^ (mixed >>> 14)) >>> 0) % (max - min + 1))
  }
}

describe.each(databases)("the budget of a data key on $name", ({ open }) => {
  let database: OpenDatabase
  beforeAll(async () => {
    database = await open()
  })
  afterAll(() => database.close())

  async function newWorkspace(): Promise<string> {
    const id = newId("ws")
    const { accounts } = database.storage
    await accounts.insertWorkspace({ id, name: "w", plan: "free", personalOf: null, createdAt: 0 })
    return id
  }

  function keyring(options: Partial<KeyringOptions> = {}): Keyring {
    return createKeyring({
      masterKeys,
      dataKeys: database.storage.dataKeys,
      newId: () => newId("dk"),
      now: Date.now,
      ...options,
    })
  }

  test("is never exceeded by two replicas that seal at once and crash, and each exhaustion makes one epoch", async () => {
    const seed = randomInt(2 ** 31)
    const pick = seeded(seed)
    for (let round = 0; round < rounds; round += 1) {
      const maxSeals = pick(2, 12)
      const sealBlock = pick(1, maxSeals)
      const told = `seed ${seed}, round ${round}: blocks of ${sealBlock} up to ${maxSeals}`
      const workspaceId = await newWorkspace()
      const start = (dataKeys: DataKeyStore) => keyring({ dataKeys, limits: { maxSeals, sealBlock } })
      const stores = [database.storage.dataKeys, database.replica.dataKeys]
      const rings = stores.map(start)
      const used: string[] = []
      for (let wave = 0; wave < 4; wave += 1) {
        // What a replica that ends had reserved is lost.
        const ends = pick(0, 3)
        if (ends < 2) rings[ends] = start(stores[ends] ?? database.storage.dataKeys)
        const seals = rings.flatMap((ring) =>
          Array.from({ length: pick(0, 8) }, async () => (await ring.current(workspaceId)).id),
        )
        used.push(...(await Promise.all(seals)))
      }
      const seals = Map.groupBy(used, (id) => id)
      for (const [id, { length }] of seals) {
        expect(length, `${told}, ${id}`).toBeLessThanOrEqual(maxSeals)
      }
      const newest = await database.storage.dataKeys.findCurrent(workspaceId)
      expect(seals.size, told).toBe(newest?.epoch ?? 0)
      for (const id of seals.keys()) {
        if (id === newest?.id) continue
        // Nobody went on to the next epoch while there was a block left.
        const more = { count: sealBlock, budget: maxSeals }
        expect(await database.storage.dataKeys.reserveSeals({ workspaceId, id }, more), told).toBe(false)
        // And it still opens.
        expect((await keyring().find(workspaceId, id)).id).toBe(id)
      }
    }
  })

  test("is asked for once in each block, and never for opening", async () => {
    const workspaceId = await newWorkspace()
    const { dataKeys } = database.storage
    let statements = 0
    const counted = new Proxy(dataKeys, {
      get(target, name: keyof DataKeyStore) {
        statements += 1
        return target[name]
      },
    })
    const ring = keyring({ dataKeys: counted })
    const { id } = await ring.current(workspaceId)
    const toMakeIt = statements
    for (let seal = 0; seal < 50_000; seal += 1) await ring.current(workspaceId)
    for (let read = 0; read < 1_000; read += 1) expect(ring.peek(workspaceId, id)?.id).toBe(id)
    expect(statements).toBe(toMakeIt)
    for (let seal = 0; seal < 20_000; seal += 1) await ring.current(workspaceId)
    // Looked up, and reserved.
    expect(statements).toBe(toMakeIt + 2)
  })

  test("does not stop a process whose database goes away: it has reserved before it has to", async () => {
    const workspaceId = await newWorkspace()
    let isAway = false
    let asked = 1
    const { dataKeys } = database.storage
    const ring = keyring({
      limits: { sealBlock: 64 },
      dataKeys: {
        ...dataKeys,
        findCurrent: async (id) => {
          if (isAway) throw new StorageUnavailable("away")
          return dataKeys.findCurrent(id)
        },
        async reserveSeals(key, seals) {
          const isReserved = await dataKeys.reserveSeals(key, seals)
          asked += 1
          return isReserved
        },
      },
    })
    const seal = async (times: number) => {
      for (let sealed = 0; sealed < times; sealed += 1) await ring.current(workspaceId)
    }
    await seal(60)
    // The next block was asked for at the sixtieth.
    await expect.poll(() => asked).toBe(2)
    isAway = true
    await seal(4 + 64)
    await expect(ring.current(workspaceId)).rejects.toThrow(StorageUnavailable)
    isAway = false
    await ring.current(workspaceId)
  })
})
