import { afterAll, beforeAll, describe, expect, it } from "vitest"
import type { Storage } from "../../packages/server/src/storage/storage.ts"
import type { App } from "../../packages/server/src/storage/stores/apps.ts"
import type { Revocation } from "../../packages/server/src/storage/stores/revocations.ts"
import { databases, NOW, type OpenDatabase, revocationFor, seedApp, text } from "./fixtures.ts"

describe.each(databases)("revocations on $name", ({ open }) => {
  let database: OpenDatabase
  let storage: Storage
  let app: App
  beforeAll(async () => {
    database = await open()
    storage = database.storage
    app = await seedApp(storage)
  })
  afterAll(() => database.close())

  async function seed(overrides: Partial<Revocation> = {}): Promise<Revocation> {
    const revocation = revocationFor(app, overrides)
    await storage.revocations.insert(revocation)
    return revocation
  }

  it("takes a due revocation once until its hold is over, and counts the tries", async () => {
    const due = await seed()
    const later = await seed({ nextTryAt: NOW + 1_000 })
    expect(await storage.revocations.takeDue(NOW, 500, 10)).toMatchObject([
      { id: due.id, tries: 1, nextTryAt: NOW + 500 },
    ])
    expect(await storage.revocations.takeDue(NOW + 499, 500, 10)).toEqual([])
    expect(await storage.revocations.takeDue(NOW + 500, 500, 10)).toMatchObject([{ id: due.id, tries: 2 }])
    await storage.revocations.retryLater(due.id, NOW + 9_000, "503")
    expect(await storage.revocations.find(app.workspaceId, due.id)).toMatchObject({
      outcome: "pending",
      nextTryAt: NOW + 9_000,
      detail: "503",
    })
    await storage.revocations.settle(due.id, "failed", null)
    await storage.revocations.settle(later.id, "failed", null)
  })

  it("destroys the tokens with a final outcome, which stays", async () => {
    const revocation = await seed()
    const found = await storage.revocations.find(app.workspaceId, revocation.id)
    expect(text(found?.sealedTokens ?? null)).toBe("tokens")
    expect(await storage.revocations.find("ws_other", revocation.id)).toBeUndefined()
    await storage.revocations.settle(revocation.id, "revoked", "200")
    await storage.revocations.settle(revocation.id, "failed", "late")
    await storage.revocations.retryLater(revocation.id, NOW, "late")
    expect(await storage.revocations.find(app.workspaceId, revocation.id)).toMatchObject({
      outcome: "revoked",
      detail: "200",
      sealedTokens: null,
    })
    expect(await storage.revocations.takeDue(NOW + 99_000, 1, 10)).toEqual([])
  })

  it("never hands one revocation to two replicas, and leaves none out", async () => {
    const batch = 12
    const ids = await Promise.all(Array.from({ length: batch }, async () => (await seed()).id))
    for (let round = 1; round <= 100; round += 1) {
      const now = NOW + round * 1_000
      const replicas = Array.from({ length: 6 }, (_, index) => (index % 2 === 0 ? storage : database.replica))
      const taken = (
        await Promise.all(replicas.map((from) => from.revocations.takeDue(now, 1_000, 5)))
      ).flat()
      // A replica that comes while others hold rows passes them over: the rest is left to the next one.
      taken.push(...(await storage.revocations.takeDue(now, 1_000, batch)))
      expect(taken.map(({ id }) => id).sort()).toEqual([...ids].sort())
      expect(taken.every(({ tries }) => tries === round)).toBe(true)
    }
  })

  it("hands out no more revocations than it was asked for", async () => {
    expect(await storage.revocations.takeDue(NOW + 900_000, 1_000, 5)).toHaveLength(5)
  })
})
