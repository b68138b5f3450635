import { randomBytes } from "node:crypto"
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { builtInCatalog } from "@grantry/catalog"
import { pino } from "pino"
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest"
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
import { newId } from "../random.ts"
import type { Connection, RefreshWrite } from "../storage/stores/connections.ts"
import { createVault, parseMasterKeys, type Vault } from "../vault/vault.ts"
import { openRevocation } from "./queue-revocation.ts"
import { replayJournal, writeJournal } from "./rotation-journal.ts"
import { openToken, sealToken } from "./sealed-tokens.ts"
import { storeGrant } from "./store-grant.ts"

const now = 1_800_000_000_000
const clock = { now: () => now }

describe.each(databases)("a refreshed grant that comes late, on $name", ({ open }) => {
  let database: OpenDatabase
  let dataDir: string
  let vault: Vault
  let connection: Connection
  let write: RefreshWrite
  beforeAll(async () => {
    database = await open()
    dataDir = await mkdtemp(join(tmpdir(), "grantry-late-"))
    const masterKeys = parseMasterKeys(`k1:${randomBytes(32).toString("base64")}`)
    vault = createVault({
      masterKeys,
      dataKeys: database.storage.dataKeys,
      newId: () => newId("dk"),
      now: clock.now,
    })
  })
  afterAll(async () => {
    await database.close()
    await rm(dataDir, { recursive: true, force: true })
  })

  beforeEach(async () => {
    const app = await seedApp(database.storage)
    const record = {
      id: uniqueId("cn"),
      workspaceId: app.workspaceId,
      appId: app.id,
      ownerKind: "app",
      ownerId: "",
      slot: "type:slack",
      type: "slack",
      generation: 1,
    } as const
    connection = await seedConnection(database.storage, app, {
      ...record,
      sealedAccessToken: await sealToken(vault, record, "access_token", "old access"),
      sealedRefreshToken: await sealToken(vault, record, "refresh_token", "old refresh"),
    })
    write = {
      sealedAccessToken: await sealToken(vault, connection, "access_token", "new access"),
      sealedRefreshToken: await sealToken(vault, connection, "refresh_token", "new refresh"),
      config: {},
      issuedAt: now,
      expiresAt: now + 3_600_000,
      refreshDueAt: now + 3_300_000,
      refreshAheadAt: now + 2_300_000,
      now,
    }
  })

  const deps = () => ({ storage: database.storage, vault, clock, catalog: builtInCatalog })
  const store = () => storeGrant(deps(), { connection, write })
  const connections = () => database.storage.connections

  async function storedTokens(): Promise<readonly (string | null)[]> {
    const current = await read(database.storage, connection)
    const { sealedAccessToken: access, sealedRefreshToken: refresh } = current
    return [
      access && (await openToken(vault, current, "access_token", access)),
      refresh && (await openToken(vault, current, "refresh_token", refresh)),
    ]
  }

  /** What the outbox holds of this connection, once each. */
  async function queued() {
    const due = await database.storage.revocations.takeDue(now, 1, 1_000)
    const own = due.filter(({ connectionId }) => connectionId === connection.id)
    return Promise.all(
      own.map((revocation) =>
        openRevocation({ vault }, revocation, revocation.sealedTokens ?? new Uint8Array()),
      ),
    )
  }

  test("is stored although its lease has run out", async () => {
    expect(await store()).toBe("stored")
    expect(await storedTokens()).toEqual(["new access", "new refresh"])
  })

  test("is stored although another process holds the lease, and ends that lease", async () => {
    await connections().acquireLease(connection, "somebody else", 60_000)
    expect(await store()).toBe("stored")
    expect(await read(database.storage, connection)).toMatchObject({
      leaseOwner: null,
      version: connection.version + 1,
    })
    expect(await connections().markExpired(fenceOf(connection), "somebody else", trouble)).toBe(false)
  })

  test("is stored over a failure that another process has recorded since", async () => {
    await connections().acquireLease(connection, "somebody else", 60_000)
    await connections().recordRefreshFailure(fenceOf(connection), "somebody else", trouble, now + 60_000)
    expect(await store()).toBe("stored")
    expect(await read(database.storage, connection)).toMatchObject({
      failures: 0,
      retryAt: null,
      lastRefreshError: null,
    })
    expect(await storedTokens()).toEqual(["new access", "new refresh"])
  })

  test("stored twice is stored once: the outcome of the first try may not be known", async () => {
    expect(await store()).toBe("stored")
    expect(await store()).toBe("superseded")
    expect(await read(database.storage, connection)).toMatchObject({ version: connection.version + 1 })
  })

  test("gives way to a newer grant, which it does not revoke", async () => {
    const newer = {
      ...write,
      sealedAccessToken: await sealToken(vault, connection, "access_token", "newer access"),
    }
    expect(await storeGrant(deps(), { connection, write: newer })).toBe("stored")
    expect(await store()).toBe("superseded")
    expect(await storedTokens()).toEqual(["newer access", "new refresh"])
    expect(await queued()).toEqual([])
  })

  test("of a connection that was disconnected is handed to the revocation outbox", async () => {
    await connections().disconnect(connection.workspaceId, connection.id, now)
    expect(await store()).toBe("discarded")
    expect(await queued()).toEqual([
      {
        accessToken: "new access",
        refreshToken: "new refresh",
        accessExpiresAt: now + 3_600_000,
        accountId: "U1",
      },
    ])
    expect(await storedTokens()).toEqual([null, null])
  })

  test("of a connection that was forgotten or declared dead is handed to the outbox too", async () => {
    await connections().acquireLease(connection, "somebody else", 60_000)
    await connections().markExpired(fenceOf(connection), "somebody else", trouble)
    expect(await store()).toBe("discarded")
    expect(await queued()).toHaveLength(1)
    await connections().disconnect(connection.workspaceId, connection.id, now)
    await connections().remove(connection.workspaceId, connection.id)
    expect(await store()).toBe("discarded")
    expect(await queued()).toHaveLength(1)
  })

  describe("from the journal of an earlier process", () => {
    const folder = () => join(dataDir, "rotation-journal")
    const lines: string[] = []
    const log = pino({ level: "info" }, { write: (line: string) => void lines.push(line) })
    const replay = () => {
      const config = readConfig({ GRANTRY_DATA_DIR: dataDir }, { types: [], families: [] })
      return replayJournal({ ...deps(), config, log })
    }
    beforeEach(() => rm(folder(), { recursive: true, force: true }))

    test("is stored as it was, and forgotten there", async () => {
      await writeJournal(dataDir, { connection, write })
      await replay()
      expect(await storedTokens()).toEqual(["new access", "new refresh"])
      expect(await read(database.storage, connection)).toMatchObject({
        expiresAt: write.expiresAt,
        refreshDueAt: write.refreshDueAt,
      })
      expect(await readdir(folder())).toEqual([])
      await replay()
    })

    test("lies there readable for the owner alone, and without a token in the clear", async () => {
      await writeJournal(dataDir, { connection, write })
      const [name = ""] = await readdir(folder())
      const text = await readFile(join(folder(), name), "utf8")
      expect(text).not.toContain("new access")
      expect(text).not.toContain(Buffer.from("new access").toString("base64").slice(0, 12))
      expect((await stat(join(folder(), name))).mode & 0o777).toBe(0o600)
      expect((await stat(folder())).mode & 0o777).toBe(0o700)
    })

    test("is revoked when its connection was disconnected since", async () => {
      await writeJournal(dataDir, { connection, write })
      await connections().disconnect(connection.workspaceId, connection.id, now)
      await replay()
      expect(await queued()).toHaveLength(1)
      expect(await readdir(folder())).toEqual([])
    })

    test("can be removed once it is stored, twice if need be", async () => {
      const entry = await writeJournal(dataDir, { connection, write })
      await entry.remove()
      await entry.remove()
      expect(await readdir(folder())).toEqual([])
    })

    test("that cannot be read stays for the operator, is named in the log, and does not keep the others back", async () => {
      await writeJournal(dataDir, { connection, write })
      await writeFile(join(folder(), "a-broken.json"), '{"connection":')
      await replay()
      expect(await storedTokens()).toEqual(["new access", "new refresh"])
      expect(await readdir(folder())).toEqual(["a-broken.json"])
      expect(lines.join("")).toContain("a-broken.json")
    })
  })
})
