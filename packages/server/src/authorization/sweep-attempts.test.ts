import { randomBytes } from "node:crypto"
import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { pino } from "pino"
import { afterEach, beforeEach, expect, test } from "vitest"
import { openRevocation } from "../connections/queue-revocation.ts"
import { newId } from "../random.ts"
import { openStorage } from "../storage/open-storage.ts"
import type { Storage } from "../storage/storage.ts"
import type { Attempt } from "../storage/stores/attempts.ts"
import { createVault, parseMasterKeys, type Vault } from "../vault/vault.ts"
import { attemptContext } from "./find-attempt.ts"
import { sweepAttempts } from "./sweep-attempts.ts"

const now = 1_800_000_000_000
const dayMs = 24 * 3_600_000
let directory: string
let storage: Storage
let vault: Vault

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "grantry-sweep-"))
  storage = await openStorage({ url: `file:${join(directory, "grantry.db")}` })
  await storage.accounts.insertWorkspace({
    id: "ws_1",
    name: "W",
    plan: "free",
    personalOf: null,
    createdAt: 0,
  })
  const masterKeys = parseMasterKeys(`k1:${randomBytes(32).toString("base64")}`)
  vault = createVault({ masterKeys, dataKeys: storage.dataKeys, newId: () => newId("dk"), now: () => now })
})
afterEach(async () => {
  await storage.close()
  await rm(directory, { recursive: true })
})

const sweep = (at = now) =>
  sweepAttempts({ storage, vault, clock: { now: () => at }, log: pino({ level: "silent" }) })

function attempt(id: string, overrides: Partial<Attempt> = {}): Attempt {
  return {
    id,
    workspaceId: "ws_1",
    appId: "app_1",
    ownerKind: "app",
    ownerId: "",
    slot: "type:slack",
    type: "slack",
    connectorId: null,
    credentialSource: "sandbox",
    connectionId: `conn_${id}`,
    startedBy: "mem_1",
    askedBy: null,
    forceReconnect: false,
    requestedScopes: [],
    config: {},
    loginHint: null,
    status: "pending",
    errorCode: null,
    errorMessage: null,
    browserHash: null,
    stateHash: null,
    sealedVerifier: null,
    sealedReturnTo: null,
    sealedCallback: null,
    handleHash: null,
    sealedGrant: null,
    createdAt: now - 1_000,
    expiresAt: now - 1,
    ...overrides,
  }
}

async function holdGrant(id: string, overrides: Partial<Attempt> = {}): Promise<void> {
  const held = attempt(id, { status: "confirm_account", ...overrides })
  const grant = {
    accessToken: `token of ${id}`,
    refreshToken: null,
    config: {},
    account: { id: "1", label: "ada" },
  }
  const sealedGrant = await vault.seal(attemptContext(held, "grant"), JSON.stringify(grant))
  await storage.attempts.insert({ ...held, sealedGrant: overrides.sealedGrant ?? sealedGrant })
}

async function queuedTokens(): Promise<ReadonlySet<string | null>> {
  const due = await storage.revocations.takeDue(now, 1_000, 100)
  const opened = await Promise.all(
    due.map((one) => openRevocation({ vault }, one, one.sealedTokens ?? new Uint8Array())),
  )
  expect(opened).toHaveLength(new Set(opened.map(({ accessToken }) => accessToken)).size)
  return new Set(opened.map(({ accessToken }) => accessToken))
}

test("an attempt that nobody finished in time ends as failed; one that still may proceed is left alone", async () => {
  await storage.attempts.insert(attempt("late"))
  await storage.attempts.insert(attempt("open", { expiresAt: now + 1 }))
  await sweep()
  expect(await storage.attempts.find("late")).toMatchObject({
    status: "failed",
    errorCode: "ATTEMPT_EXPIRED",
  })
  expect(await storage.attempts.find("open")).toMatchObject({ status: "pending" })
})

test("a grant that waited for an answer in vain is revoked, and is destroyed here", async () => {
  await holdGrant("a")
  await holdGrant("b")
  await sweep()
  expect(await queuedTokens()).toEqual(new Set(["token of a", "token of b"]))
  expect(await storage.attempts.find("a")).toMatchObject({ status: "failed", sealedGrant: null })
})

test("it is revoked once, however often attempts are swept", async () => {
  await holdGrant("a")
  await Promise.all([sweep(), sweep(), sweep()])
  await sweep()
  expect(await queuedTokens()).toEqual(new Set(["token of a"]))
})

test("an attempt does not end unless its grant's revocation is queued with it", async () => {
  await holdGrant("a")
  const failing: Storage = {
    ...storage,
    transaction: (work) =>
      storage.transaction((stores) =>
        work({
          ...stores,
          revocations: { ...stores.revocations, insert: () => Promise.reject(new Error("interrupted")) },
        }),
      ),
  }
  const deps = { storage: failing, vault, clock: { now: () => now }, log: pino({ level: "silent" }) }
  await expect(sweepAttempts(deps)).rejects.toThrow("interrupted")
  expect((await storage.attempts.find("a"))?.status).toBe("confirm_account")
  await sweep()
  expect(await queuedTokens()).toEqual(new Set(["token of a"]))
})

test("a grant that does not open keeps no other from being revoked", async () => {
  await holdGrant("a", { sealedGrant: new Uint8Array([1, 2, 3]), expiresAt: now - 10 })
  await holdGrant("b")
  await sweep()
  expect(await queuedTokens()).toEqual(new Set(["token of b"]))
})

test("ended attempts are forgotten after a day", async () => {
  await storage.attempts.insert(attempt("old", { status: "connected", expiresAt: now - dayMs - 1 }))
  await storage.attempts.insert(attempt("young", { status: "connected", expiresAt: now - dayMs + 1 }))
  await sweep()
  expect(await storage.attempts.find("old")).toBeUndefined()
  expect(await storage.attempts.find("young")).toMatchObject({ status: "connected" })
})
