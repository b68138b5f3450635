import { afterAll, beforeAll, describe, expect, it } from "vitest"
import type { Storage } from "../../packages/server/src/storage/storage.ts"
import type { App } from "../../packages/server/src/storage/stores/apps.ts"
import type { Attempt } from "../../packages/server/src/storage/stores/attempts.ts"
import { attemptFor, bytes, databases, NOW, type OpenDatabase, seedApp, text, uniqueId } from "./fixtures.ts"

describe.each(databases)("attempts on $name", ({ open }) => {
  let database: OpenDatabase
  let storage: Storage
  let app: App
  beforeAll(async () => {
    database = await open()
    storage = database.storage
    app = await seedApp(storage)
  })
  afterAll(() => database.close())

  async function seed(overrides: Partial<Attempt> = {}): Promise<Attempt> {
    const attempt = attemptFor(app, overrides)
    await storage.attempts.insert(attempt)
    return attempt
  }

  const departure = (stateHash: string) => ({
    browserHash: "browser",
    stateHash,
    sealedVerifier: bytes("verifier"),
    config: { subdomain: "chosen" },
  })

  async function atProvider(
    overrides: Partial<Attempt> = {},
  ): Promise<Attempt & { readonly stateHash: string }> {
    const stateHash = uniqueId("state")
    return { ...(await seed({ status: "at_provider", stateHash, ...overrides })), stateHash }
  }

  it("returns an attempt as it was inserted", async () => {
    const attempt = await seed({ ownerKind: "app_user", ownerId: "u1", startedBy: null })
    expect(await storage.attempts.find(attempt.id)).toEqual(attempt)
    expect(await storage.attempts.find("att_none")).toBeUndefined()
  })

  it("finds a member's newest attempt for a connection, in its workspace and app only", async () => {
    const connectionId = uniqueId("cn")
    await seed({ connectionId })
    const newest = await seed({ connectionId, createdAt: NOW + 1 })
    await seed({ connectionId, createdAt: NOW + 2, startedBy: "mem_other" })
    const query = { workspaceId: app.workspaceId, appId: app.id, connectionId, startedBy: app.createdBy }
    expect(await storage.attempts.findLatest(query)).toMatchObject({ id: newest.id })
    expect(await storage.attempts.findLatest({ ...query, workspaceId: "ws_other" })).toBeUndefined()
    expect(await storage.attempts.findLatest({ ...query, appId: "app_other" })).toBeUndefined()
  })

  it("starts over with a new state on a second click, and the old state is dead", async () => {
    const attempt = await seed()
    const [first, second] = [uniqueId("state"), uniqueId("state")]
    expect(await storage.attempts.sendToProvider(attempt.id, NOW, departure(first))).toBe(true)
    expect(await storage.attempts.sendToProvider(attempt.id, NOW, departure(second))).toBe(true)
    expect(await storage.attempts.consumeState(first)).toBeUndefined()
    expect(await storage.attempts.consumeState(second)).toMatchObject({
      id: attempt.id,
      status: "at_provider",
      browserHash: "browser",
      config: { subdomain: "chosen" },
    })
    expect(await storage.attempts.sendToProvider(attempt.id, NOW, departure(uniqueId("state")))).toBe(false)
  })

  it("does not send an expired attempt to the provider", async () => {
    const attempt = await seed()
    expect(await storage.attempts.sendToProvider(attempt.id, attempt.expiresAt, departure("late"))).toBe(
      false,
    )
    expect(await storage.attempts.find(attempt.id)).toMatchObject({ status: "pending", stateHash: null })
  })

  it("gives a state to one of fifty parallel callbacks", async () => {
    for (let round = 0; round < 20; round += 1) {
      const attempt = await atProvider({ sealedVerifier: bytes("verifier") })
      const callers = Array.from({ length: 50 }, (_, index) =>
        (index % 2 === 0 ? storage : database.replica).attempts.consumeState(attempt.stateHash),
      )
      const consumed = (await Promise.all(callers)).filter((found) => found !== undefined)
      expect(consumed).toHaveLength(1)
      expect(consumed[0]).toMatchObject({ id: attempt.id, status: "at_provider" })
      expect(text(consumed[0]?.sealedVerifier ?? null)).toBe("verifier")
    }
  })

  it("gives a held grant to one of fifty parallel confirmations", async () => {
    for (let round = 0; round < 20; round += 1) {
      const attempt = await atProvider()
      await storage.attempts.consumeState(attempt.stateHash)
      expect(await storage.attempts.holdForConfirmation(attempt.id, bytes("grant"), NOW + 9)).toBe(true)
      const callers = Array.from({ length: 50 }, (_, index) =>
        (index % 2 === 0 ? storage : database.replica).attempts.takeHeldGrant(attempt.id),
      )
      const taken = (await Promise.all(callers)).filter((found) => found !== undefined)
      expect(taken).toHaveLength(1)
      expect(taken[0]).toMatchObject({ status: "confirm_account", expiresAt: NOW + 9 })
      expect(text(taken[0]?.sealedGrant ?? null)).toBe("grant")
    }
  })

  it("holds a grant only for an attempt that is being exchanged", async () => {
    const attempt = await seed()
    expect(await storage.attempts.holdForConfirmation(attempt.id, bytes("grant"), NOW + 9)).toBe(false)
    expect(await storage.attempts.takeHeldGrant(attempt.id)).toBeUndefined()
  })

  it("gives a held callback to one of fifty parallel completions, and finds it by its handle in its app only", async () => {
    const { appId, workspaceId } = attemptFor(app)
    for (let round = 0; round < 20; round += 1) {
      const attempt = await atProvider({ ownerKind: "app_user", ownerId: "u1", startedBy: null })
      await storage.attempts.consumeState(attempt.stateHash)
      const held = { sealedCallback: bytes("code"), handleHash: uniqueId("handle"), expiresAt: NOW + 9 }
      expect(await storage.attempts.holdForUser(attempt.id, held)).toBe(true)
      const query = { workspaceId, appId, handleHash: held.handleHash }
      expect(await storage.attempts.findByHandle(query)).toMatchObject({ id: attempt.id, expiresAt: NOW + 9 })
      expect(await storage.attempts.findByHandle({ ...query, appId: "app_other" })).toBeUndefined()
      expect(await storage.attempts.findByHandle({ ...query, workspaceId: "ws_other" })).toBeUndefined()
      const callers = Array.from({ length: 50 }, (_, index) =>
        (index % 2 === 0 ? storage : database.replica).attempts.takeHeldCallback(attempt.id),
      )
      const taken = (await Promise.all(callers)).filter((found) => found !== undefined)
      expect(taken).toHaveLength(1)
      expect(text(taken[0]?.sealedCallback ?? null)).toBe("code")
    }
  })

  it("holds a callback only for an attempt that is being exchanged", async () => {
    const attempt = await seed()
    const held = { sealedCallback: bytes("code"), handleHash: uniqueId("handle"), expiresAt: NOW + 9 }
    expect(await storage.attempts.holdForUser(attempt.id, held)).toBe(false)
    expect(await storage.attempts.takeHeldCallback(attempt.id)).toBeUndefined()
  })

  it("destroys verifier and held grant when an attempt ends, and connected is the last word", async () => {
    const attempt = await atProvider({ sealedVerifier: bytes("verifier"), sealedGrant: bytes("grant") })
    const failure = { status: "failed", errorCode: "ACCESS_DENIED", errorMessage: "No" } as const
    await storage.attempts.finish(attempt.id, failure)
    expect(await storage.attempts.find(attempt.id)).toMatchObject({
      status: "failed",
      errorCode: "ACCESS_DENIED",
      errorMessage: "No",
      sealedVerifier: null,
      sealedGrant: null,
    })
    expect(await storage.attempts.finish(attempt.id, { status: "connected" })).toBe(false)

    const other = await atProvider()
    await storage.attempts.consumeState(other.stateHash)
    expect(await storage.attempts.finish(other.id, { status: "connected" })).toBe(true)
    expect(await storage.attempts.finish(other.id, failure)).toBe(false)
    expect(await storage.attempts.find(other.id)).toMatchObject({ status: "connected", errorCode: null })
  })

  it("end with the member who began them: what is with the provider comes to nothing, a held grant is handed on", async () => {
    const startedBy = uniqueId("mem")
    const whose = { workspaceId: app.workspaceId, startedBy }
    const exchanging = await atProvider({ startedBy })
    await storage.attempts.consumeState(exchanging.stateHash)
    const held = await seed({ startedBy, status: "confirm_account", sealedGrant: bytes("grant") })
    const others = await seed({ startedBy: uniqueId("mem") })
    await storage.attempts.endUnfinished(whose)
    expect(await storage.attempts.find(exchanging.id)).toMatchObject({
      status: "failed",
      errorCode: "ATTEMPT_OVER",
    })
    expect(await storage.attempts.finish(exchanging.id, { status: "connected" })).toBe(false)
    expect((await storage.attempts.listStale(NOW, 100)).map(({ id }) => id)).toContain(held.id)
    expect(await storage.attempts.anyHeldGrant(app.workspaceId)).toBe(true)
    expect(await storage.attempts.find(others.id)).toMatchObject({ status: "pending" })
    expect(await storage.attempts.expire([held.id], NOW)).toEqual([held.id])
  })

  it("ends the member's other attempts for the connection that have not come back", async () => {
    const connectionId = uniqueId("cn")
    const [pending, away] = [await seed({ connectionId }), await atProvider({ connectionId })]
    const exchanging = await seed({ connectionId, status: "exchanging" })
    const connected = await seed({ connectionId, status: "connected" })
    const others = [await seed({ connectionId, startedBy: "mem_other" }), await seed()]
    const newest = await seed({ connectionId })
    await storage.attempts.supersede(newest)
    for (const ended of [pending, away]) {
      expect(await storage.attempts.find(ended.id)).toMatchObject({ status: "failed" })
    }
    for (const kept of [exchanging, connected, ...others, newest]) {
      expect(await storage.attempts.find(kept.id)).toEqual(kept)
    }
    expect(await storage.attempts.consumeState(away.stateHash)).toBeUndefined()
  })

  it("supersedes the attempts of an app user, whom no member stands for", async () => {
    const connectionId = uniqueId("cn")
    const [older, newer] = [
      await seed({ connectionId, startedBy: null }),
      await seed({ connectionId, startedBy: null }),
    ]
    await storage.attempts.supersede(newer)
    expect(await storage.attempts.find(older.id)).toMatchObject({ status: "failed" })
    expect(await storage.attempts.find(newer.id)).toMatchObject({ status: "pending" })
  })

  it("hands the grant of a superseded attempt to whoever revokes it", async () => {
    const connectionId = uniqueId("cn")
    const held = await seed({ connectionId, status: "confirm_account", sealedGrant: bytes("grant") })
    await storage.attempts.supersede(await seed({ connectionId }))
    const stale = await storage.attempts.listStale(NOW, 100)
    expect(stale.map(({ id, status }) => [id, status])).toEqual([[held.id, "confirm_account"]])
  })
})

describe.each(databases)("attempts that nobody finished on $name", ({ open }) => {
  let database: OpenDatabase
  let app: App
  beforeAll(async () => {
    database = await open()
    app = await seedApp(database.storage)
  })
  afterAll(() => database.close())

  const seed = async (overrides: Partial<Attempt>): Promise<Attempt> => {
    const attempt = attemptFor(app, overrides)
    await database.storage.attempts.insert(attempt)
    return attempt
  }

  it("end when their time is over, each of them once, and what they kept sealed is destroyed", async () => {
    const { attempts } = database.storage
    const past = { expiresAt: NOW - 1, sealedVerifier: bytes("verifier"), sealedReturnTo: bytes("page") }
    const pending = await seed(past)
    const waiting = await seed({ ...past, status: "verify_user", sealedCallback: bytes("code") })
    const held = await seed({ ...past, status: "confirm_account", sealedGrant: bytes("grant") })
    const crashed = await seed({ ...past, status: "exchanging", sealedGrant: bytes("grant") })
    const connected = await seed({ status: "connected", expiresAt: NOW - 1 })
    const young = await seed({})
    const all = [pending, waiting, held, crashed, connected, young]
    const stale = await attempts.listStale(NOW, 100)
    const sorted = (ids: readonly string[]) => [...ids].sort()
    const over = sorted([pending.id, waiting.id, held.id, crashed.id])
    expect(sorted(stale.map(({ id }) => id))).toEqual(over)
    const ids = all.map(({ id }) => id)
    const ended = await Promise.all([attempts.expire(ids, NOW), database.replica.attempts.expire(ids, NOW)])
    expect(sorted(ended.flat())).toEqual(over)
    for (const one of [pending, waiting, held, crashed]) {
      expect(await attempts.find(one.id)).toMatchObject({
        status: "failed",
        errorCode: "ATTEMPT_EXPIRED",
        sealedGrant: null,
        sealedVerifier: null,
        sealedCallback: null,
        sealedReturnTo: null,
      })
    }
    for (const kept of [connected, young]) expect(await attempts.find(kept.id)).toEqual(kept)
  })

  it("are listed in batches, the oldest first", async () => {
    const ids: string[] = []
    for (let index = 0; index < 5; index += 1) ids.push((await seed({ expiresAt: NOW - 10 + index })).id)
    expect((await database.storage.attempts.listStale(NOW, 2)).map(({ id }) => id)).toEqual(ids.slice(0, 2))
    expect(await database.storage.attempts.expire([], NOW)).toEqual([])
  })

  it("are forgotten only when they have ended", async () => {
    const ended = await seed({ status: "failed", expiresAt: NOW - 100 })
    const recent = await seed({ status: "failed", expiresAt: NOW - 20 })
    const open = await seed({ expiresAt: NOW - 100 })
    await database.storage.attempts.deleteEnded(NOW - 50)
    expect(await database.storage.attempts.find(ended.id)).toBeUndefined()
    expect(await database.storage.attempts.find(recent.id)).toEqual(recent)
    expect(await database.storage.attempts.find(open.id)).toEqual(open)
  })
})
