import { randomBytes } from "node:crypto"
import { mkdtemp, readdir, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { createCatalog, type Dialect } from "@grantry/catalog"
import { pino } from "pino"
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest"
import {
  scriptedContext,
  scriptedDefinition,
  type ScriptedProvider,
  startScriptedProvider,
} from "../../../../tests/harness/scripted-provider.ts"
import {
  databases,
  fenceOf,
  type OpenDatabase,
  read,
  seedApp,
  seedConnection,
  trouble,
  uniqueId,
} from "../../../../tests/storage/fixtures.ts"
import { readConfig } from "../config.ts"
import { createMetrics } from "../events/metrics/metrics.ts"
import { newId } from "../random.ts"
import { StorageUnavailable } from "../storage/storage.ts"
import type { Connection, ConnectionStore } from "../storage/stores/connections.ts"
import { createVault, parseMasterKeys, type Vault } from "../vault/vault.ts"
import { createRefresher, type Refresher } from "./refresh.ts"
import { openToken, sealToken } from "./sealed-tokens.ts"

const now = 1_800_000_000_000
const clock = { now: () => now }
const patience = { timeout: 10_000 }
const away = (outcome: "unknown" | "not_applied") => new StorageUnavailable("away", { outcome })

/** Stands before the real store and lets single calls go wrong. */
type Interference = Partial<
  Pick<ConnectionStore, "acquireLease" | "commitRefresh" | "recordRefreshFailure" | "findById">
>

describe.each(databases)("the refresher on $name", ({ open }) => {
  let database: OpenDatabase
  let dataDir: string
  let vault: Vault
  let provider: ScriptedProvider
  let connection: Connection
  let interference: Interference
  let refresher: Refresher
  let logged: string[]

  beforeAll(async () => {
    database = await open()
    provider = await startScriptedProvider()
    const masterKeys = parseMasterKeys(`k1:${randomBytes(32).toString("base64")}`)
    vault = createVault({
      masterKeys,
      dataKeys: database.storage.dataKeys,
      newId: () => newId("dk"),
      now: clock.now,
    })
  })
  afterAll(async () => {
    await provider.close()
    await database.close()
  })

  beforeEach(async () => {
    dataDir = await mkdtemp(join(tmpdir(), "grantry-refresher-"))
    interference = {}
    logged = []
    refresher = refresherOf({})
    const app = await seedApp(database.storage)
    const record = {
      id: uniqueId("cn"),
      workspaceId: app.workspaceId,
      appId: app.id,
      ownerKind: "app",
      ownerId: "",
      slot: "type:scripted",
      type: "scripted",
      generation: 1,
    } as const
    connection = await seedConnection(database.storage, app, {
      ...record,
      sealedAccessToken: await sealToken(vault, record, "access_token", "old access"),
      sealedRefreshToken: await sealToken(vault, record, "refresh_token", "old-refresh"),
      expiresAt: now - 1,
      refreshDueAt: now - 2,
    })
  })
  afterEach(async () => {
    await refresher.close()
    await rm(dataDir, { recursive: true, force: true })
  })

  function refresherOf(dialect: Dialect): Refresher {
    const definition = scriptedDefinition({ dialect })
    const { client } = scriptedContext(definition)
    const real = database.storage.connections
    const connections: ConnectionStore = {
      ...real,
      acquireLease: (...call) => (interference.acquireLease ?? real.acquireLease)(...call),
      commitRefresh: (...call) => (interference.commitRefresh ?? real.commitRefresh)(...call),
      recordRefreshFailure: (...call) =>
        (interference.recordRefreshFailure ?? real.recordRefreshFailure)(...call),
      findById: (...call) => (interference.findById ?? real.findById)(...call),
    }
    return createRefresher({
      config: readConfig(
        { GRANTRY_DATA_DIR: dataDir, GRANTRY_PROVIDER_TIMEOUT_MS: "20000" },
        { types: [], families: [] },
      ),
      catalog: createCatalog([definition]),
      clock,
      storage: { ...database.storage, connections },
      quarantine: { active: false, reason: null },
      vault,
      protocol: { ...provider.protocol, timeoutMs: 20_000 },
      clients: {
        forType: async () => client,
        forConnector: async () => client,
        forReference: async () => client,
      },
      refreshOutcomes: {
        count: () => undefined,
        flush: async () => undefined,
        close: async () => undefined,
      },
      audit: {
        record: async () => undefined,
        countRead: () => ({ again: () => true }),
        flush: async () => undefined,
        close: async () => undefined,
      },
      metrics: createMetrics(),
      log: pino({ level: "debug" }, { write: (line: string) => void logged.push(line) }),
    })
  }

  const granted = { body: { access_token: "new access", refresh_token: "new-refresh", expires_in: 3600 } }
  const real = () => database.storage.connections
  const current = () => read(database.storage, connection)

  async function accessTokenOf(of: Connection): Promise<string | null> {
    return of.sealedAccessToken && openToken(vault, of, "access_token", of.sealedAccessToken)
  }

  test("a lease that was taken although the answer got lost is given back, and the provider heard nothing", async () => {
    provider.answers(granted)
    interference.acquireLease = async (...call) => {
      expect(await real().acquireLease(...call)).toBe(true)
      throw away("unknown")
    }
    await expect(refresher.refresh(connection)).rejects.toBeInstanceOf(StorageUnavailable)
    expect(provider.asked).toHaveLength(0)
    interference = {}
    await expect.poll(async () => (await current()).leaseOwner, patience).toBeNull()
    await expect.poll(() => refresher.refresh(connection).then(accessTokenOf), patience).toBe("new access")
  })

  test("a commit whose answer got lost counts once, and the token is handed out meanwhile", async () => {
    provider.answers(granted)
    let commits = 0
    interference.commitRefresh = async (...call) => {
      commits += 1
      const committed = await real().commitRefresh(...call)
      if (commits === 1) throw away("unknown")
      return committed
    }
    expect(await accessTokenOf(await refresher.refresh(connection))).toBe("new access")
    await expect.poll(() => readdir(join(dataDir, "rotation-journal"))).toEqual([])
    expect(await current()).toMatchObject({ version: connection.version + 1, leaseOwner: null })
    expect(await accessTokenOf(await current())).toBe("new access")
    expect(provider.asked).toHaveLength(1)
  })

  test("whoever comes while a grant is held joins it instead of spending the old refresh token again", async () => {
    provider.answers(granted)
    interference.commitRefresh = async () => {
      throw away("not_applied")
    }
    expect(await accessTokenOf(await refresher.refresh(connection))).toBe("new access")
    expect(await accessTokenOf(await refresher.refresh(await current()))).toBe("new access")
    expect(provider.asked).toHaveLength(1)
    interference = {}
    await expect.poll(async () => accessTokenOf(await current())).toBe("new access")
  })

  test("a grant that is held beyond its lease is stored over the failure of whoever took the lease next", async () => {
    provider.answers(granted)
    interference.commitRefresh = async () => {
      throw away("not_applied")
    }
    await refresher.refresh(connection)
    await real().releaseLease(connection.workspaceId, connection.id, (await current()).leaseOwner ?? "")
    expect(await real().acquireLease(connection, "another replica", 60_000)).toBe(true)
    expect(await real().recordRefreshFailure(fenceOf(connection), "another replica", trouble, now + 1)).toBe(
      true,
    )
    interference = {}
    await expect.poll(async () => accessTokenOf(await current())).toBe("new access")
  })

  test("closing while the database takes no writes ends, and leaves the grant in the journal", async () => {
    provider.answers(granted)
    interference.commitRefresh = async () => {
      throw away("not_applied")
    }
    await refresher.refresh(connection)
    const startedAt = performance.now()
    await refresher.close()
    expect(performance.now() - startedAt).toBeLessThan(4_000)
    expect(await readdir(join(dataDir, "rotation-journal"))).toHaveLength(1)
    expect(logged.join("")).toContain("stays in the rotation journal")
  })

  test("an answer that the entry's own translation chokes on rests like any other trouble", async () => {
    refresher = refresherOf({
      tokenAnswer() {
        throw new TypeError("never seen such an answer")
      },
    })
    provider.answers(granted, granted)
    await expect(refresher.refresh(connection)).rejects.toMatchObject({ code: "PROVIDER_UNAVAILABLE" })
    await expect(refresher.refresh(await current())).rejects.toMatchObject({ code: "PROVIDER_UNAVAILABLE" })
    expect(provider.asked).toHaveLength(1)
    expect(logged.join("")).toContain("never seen such an answer")
  })

  test("trouble with the database behind a living token is neither seen nor repeated for every read", async () => {
    provider.answers(granted)
    let tries = 0
    interference.acquireLease = async () => {
      tries += 1
      throw away("not_applied")
    }
    for (let reads = 0; reads < 50; reads += 1) {
      refresher.refreshBehind(connection)
      await new Promise((resolve) => setImmediate(resolve))
    }
    expect(await refresher.refreshOrKeep(connection)).toBe(connection)
    expect(tries).toBe(1)
  })

  test("a connection that ended while it was asked for is gone, not broken", async () => {
    provider.answers(() => granted)
    const stale = connection
    await real().disconnect(connection.workspaceId, connection.id, now)
    await expect(refresher.refresh(stale)).rejects.toMatchObject({ code: "NOT_FOUND", status: 404 })
    expect(provider.asked).toHaveLength(0)
  })

  test("a refresh that another process has made since is used without asking the provider", async () => {
    provider.answers()
    const sealedAccessToken = await sealToken(vault, connection, "access_token", "theirs")
    const times = { issuedAt: now, expiresAt: now + 60_000, refreshDueAt: now + 50_000, refreshAheadAt: null }
    await real().commitRefresh(connection, null, { sealedAccessToken, config: {}, ...times, now })
    expect(await accessTokenOf(await refresher.refresh(connection))).toBe("theirs")
    expect(provider.asked).toHaveLength(0)
  })

  test("after closing nothing is asked any more", async () => {
    provider.answers(granted)
    await refresher.close()
    await expect(refresher.refresh(connection)).rejects.toMatchObject({ code: "PROVIDER_UNAVAILABLE" })
    expect(provider.asked).toHaveLength(0)
  })

  test("a hundred connections at once, each asked for by five callers, cost a hundred calls", async () => {
    const app = await seedApp(database.storage)
    const made = await Promise.all(
      Array.from({ length: 100 }, async (_, index) => {
        const slot = `connector:con_${index}`
        const record = {
          id: uniqueId("cn"),
          workspaceId: app.workspaceId,
          appId: app.id,
          ownerKind: "app",
          ownerId: "",
          slot,
          type: "scripted",
          generation: 1,
        } as const
        return seedConnection(database.storage, app, {
          ...record,
          sealedAccessToken: await sealToken(vault, record, "access_token", "old access"),
          sealedRefreshToken: await sealToken(vault, record, "refresh_token", `refresh-${index}`),
          expiresAt: now - 1,
        })
      }),
    )
    provider.answers(...made.map(() => granted))
    const results = await Promise.all(
      made.flatMap((one) => Array.from({ length: 5 }, () => refresher.refresh(one))),
    )
    expect(new Set(await Promise.all(results.map(accessTokenOf)))).toEqual(new Set(["new access"]))
    expect(provider.asked).toHaveLength(100)
    expect(new Set(provider.asked.map(({ body }) => body)).size).toBe(100)
  })
})
