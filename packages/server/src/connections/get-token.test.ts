import { randomBytes } from "node:crypto"
import { builtInCatalog } from "@grantry/catalog"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import {
  databases,
  type OpenDatabase,
  seedApp,
  seedConnection,
  uniqueId,
} from "../../../../tests/storage/fixtures.ts"
import { newId } from "../random.ts"
import type { Services } from "../services.ts"
import type { Connection } from "../storage/stores/connections.ts"
import { createVault, parseMasterKeys, type Vault } from "../vault/vault.ts"
import { getToken } from "./get-token.ts"
import { sealToken } from "./sealed-tokens.ts"

const now = 1_800_000_000_000
const reader = { actor: "service:key_1", address: "127.0.0.1" }

describe.each(databases)("a token that has to be refreshed first, on $name", ({ open }) => {
  let database: OpenDatabase
  let vault: Vault
  let connection: Connection
  let counted: string[]

  beforeAll(async () => {
    database = await open()
    const masterKeys = parseMasterKeys(`k1:${randomBytes(32).toString("base64")}`)
    const { dataKeys } = database.storage
    vault = createVault({ masterKeys, dataKeys, newId: () => newId("dk"), now: () => now })
  })
  afterAll(() => database.close())

  async function expired(): Promise<void> {
    const app = await seedApp(database.storage)
    const place = { id: uniqueId("conn"), workspaceId: app.workspaceId, appId: app.id } as const
    const owner = { ownerKind: "app", ownerId: "", slot: "type:slack", type: "slack", generation: 1 } as const
    const record = { ...place, ...owner }
    const sealedAccessToken = await sealToken(vault, record, "access_token", "old")
    const times = { expiresAt: now - 1, refreshDueAt: now - 2 }
    connection = await seedConnection(database.storage, app, { ...record, ...times, sealedAccessToken })
  }

  /** @param meanwhile happens when the refresh has been stored, and before its callers hear of it */
  async function readWhile(meanwhile: () => Promise<unknown>): Promise<string> {
    counted = []
    const refresh = async (before: Connection): Promise<Connection> => {
      const sealedAccessToken = await sealToken(vault, before, "access_token", "new")
      await meanwhile()
      return { ...before, sealedAccessToken, expiresAt: now + 60_000, refreshDueAt: null }
    }
    const services = {
      storage: database.storage,
      catalog: builtInCatalog,
      clock: { now: () => now },
      vault,
      refresher: { refresh },
      audit: { countRead: ({ outcome }: { readonly outcome: string }) => counted.push(outcome) },
      metrics: { tokenRead: () => undefined },
    } as unknown as Services
    return getToken(services, connection, reader)
  }

  test("is given out to whoever waited, and counted once", async () => {
    await expired()
    const answer = JSON.parse(await readWhile(async () => undefined)) as { access_token: string }
    expect(answer.access_token).toBe("new")
    expect(counted).toEqual(["ok"])
  })

  test("is given to nobody when it was disconnected after its refresh was stored", async () => {
    await expired()
    const { connections } = database.storage
    const read = readWhile(() => connections.disconnect(connection.workspaceId, connection.id, now))
    await expect(read).rejects.toMatchObject({ code: "NOT_FOUND" })
    expect(counted).toEqual(["NOT_FOUND"])
  })
})
