import { randomBytes } from "node:crypto"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { inspect } from "node:util"
import fc from "fast-check"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { newId } from "../random.ts"
import { openStorage } from "../storage/open-storage.ts"
import type { Storage } from "../storage/storage.ts"
import { createVault, CredentialUnreadable, parseMasterKeys, type SealContext, type Vault } from "./vault.ts"

const folder = mkdtempSync(join(tmpdir(), "grantry-vault-"))
const masterKeys = parseMasterKeys(`k1:${randomBytes(32).toString("base64")}`)
let storage: Storage
let vault: Vault

beforeAll(async () => {
  storage = await openStorage({ url: `file:${join(folder, "vault.db")}` })
  for (const id of ["ws_1", "ws_2"]) {
    await storage.accounts.insertWorkspace({ id, name: id, plan: "free", personalOf: null, createdAt: 0 })
  }
  vault = createVault({ masterKeys, dataKeys: storage.dataKeys, newId: () => newId("dk"), now: Date.now })
})

afterAll(async () => {
  await storage.close()
  rmSync(folder, { recursive: true })
})

const context: SealContext = {
  workspaceId: "ws_1",
  record: "connection",
  recordId: "conn_1",
  field: "access_token",
  bound: ["app_1", "app_user", "user_1", "connector:con_1", "slack", "7"],
}

function unreadable(open: () => string | undefined): CredentialUnreadable {
  try {
    const text = open()
    throw new Error(`opened as ${text}`)
  } catch (error) {
    if (error instanceof CredentialUnreadable) return error
    throw error
  }
}

describe("round trip", () => {
  test("any text opens as it was sealed, at once and after waiting", async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: "binary" }), fc.array(fc.string()), async (text, bound) => {
        const here = { ...context, bound }
        const sealed = await vault.seal(here, text)
        expect(await vault.open(here, sealed)).toBe(text)
        expect(vault.openNow(vault.place(here, sealed))).toBe(text)
      }),
    )
  })

  test.each([
    ["empty", ""],
    ["a megabyte", "x".repeat(1024 * 1024)],
    ["beyond the basic plane", "🔑 clé ключ 鍵 \u0000 \ufeff"],
  ])("%s", async (_title, text) => {
    expect(await vault.open(context, await vault.seal(context, text))).toBe(text)
  })

  test("long parts of a context count in full", async () => {
    const long = { ...context, recordId: "ü".repeat(10_000) }
    const sealed = await vault.seal(long, "secret")
    expect(vault.openNow(vault.place(long, sealed))).toBe("secret")
    expect(
      unreadable(() => vault.openNow(vault.place({ ...long, recordId: `${"ü".repeat(9_999)}u` }, sealed)))
        .reason,
    ).toBe("altered_or_moved")
  })

  test("bytes that are no Buffer, and a view into a larger one, open too", async () => {
    const sealed = await vault.seal(context, "secret")
    const larger = new Uint8Array(sealed.length + 20)
    larger.set(sealed, 10)
    expect(vault.openNow(vault.place(context, Uint8Array.from(sealed)))).toBe("secret")
    expect(vault.openNow(vault.place(context, larger.subarray(10, 10 + sealed.length)))).toBe("secret")
  })

  test("text that UTF-8 cannot carry is refused rather than changed", async () => {
    await expect(vault.seal(context, "a\ud800b")).rejects.toThrow(TypeError)
  })

  test("sealing the same text twice gives different bytes", async () => {
    const [one, other] = await Promise.all([vault.seal(context, "secret"), vault.seal(context, "secret")])
    expect(Buffer.compare(one, other)).not.toBe(0)
  })

  test("the plaintext is not in the sealed bytes", async () => {
    const sealed = await vault.seal(context, "canary-canary")
    expect(Buffer.from(sealed).includes("canary")).toBe(false)
  })
})

describe("corruption", () => {
  test("a sealed value with any bit of any byte flipped does not open", async () => {
    const sealed = await vault.seal(context, "canary-canary")
    for (let position = 0; position < sealed.length; position++) {
      for (let bit = 0; bit < 8; bit++) {
        const broken = Uint8Array.from(sealed)
        broken[position] = (broken[position] ?? 0) ^ (1 << bit)
        const error: unknown = await vault.open(context, broken).catch((thrown: unknown) => thrown)
        expect(error).toBeInstanceOf(CredentialUnreadable)
        expect(inspect(error, { depth: 10 })).not.toContain("canary")
      }
    }
  })

  test("a sealed value cut or lengthened anywhere does not open", async () => {
    const sealed = await vault.seal(context, "secret")
    for (let length = 0; length < sealed.length; length++) {
      await expect(vault.open(context, sealed.subarray(0, length))).rejects.toThrow(CredentialUnreadable)
    }
    await expect(vault.open(context, Buffer.concat([sealed, Buffer.of(0)]))).rejects.toThrow(
      CredentialUnreadable,
    )
  })

  test("bytes that nobody sealed do not open", async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), async (bytes) => {
        await expect(vault.open(context, bytes)).rejects.toThrow(CredentialUnreadable)
      }),
    )
  })
})

describe("a sealed value moved elsewhere does not open", () => {
  const changeBound = (index: number, value: string) => ({
    ...context,
    bound: context.bound.with(index, value),
  })
  const elsewhere: readonly (readonly [string, SealContext])[] = [
    ["another row", { ...context, recordId: "conn_2" }],
    ["another column", { ...context, field: "refresh_token" }],
    ["another kind of record", { ...context, record: "attempt" }],
    ["another workspace", { ...context, workspaceId: "ws_2" }],
    ["another app", changeBound(0, "app_2")],
    ["another kind of owner", changeBound(1, "app")],
    ["another owner", changeBound(2, "user_2")],
    ["another slot", changeBound(3, "connector:con_2")],
    ["another type", changeBound(4, "slackbot")],
    ["another generation", changeBound(5, "8")],
    ["fewer parts", { ...context, bound: context.bound.slice(0, -1) }],
    ["more parts", { ...context, bound: [...context.bound, ""] }],
    ["parts joined differently", { ...context, bound: ["app_1app_user", "", ...context.bound.slice(2)] }],
  ]

  test.each(elsewhere)("%s", async (_title, other) => {
    // The other workspace has a data key of its own.
    await vault.seal(other, "warm up")
    const sealed = await vault.seal(context, "secret")
    await expect(vault.open(other, sealed)).rejects.toThrow(CredentialUnreadable)
    if (other.workspaceId === context.workspaceId) unreadable(() => vault.openNow(vault.place(other, sealed)))
    else expect(vault.openNow(vault.place(other, sealed))).toBeUndefined()
    expect(vault.openNow(vault.place(context, sealed))).toBe("secret")
  })

  test("under any other context than its own", async () => {
    const part = fc.string({ maxLength: 5 })
    const record = fc.constantFrom("connection", "connector", "attempt", "revocation")
    const contexts = fc.record({
      workspaceId: fc.constant("ws_1"),
      record,
      recordId: part,
      field: part,
      bound: fc.array(part, { maxLength: 4 }),
    })
    await fc.assert(
      fc.asyncProperty(contexts, contexts, async (mine, other) => {
        fc.pre(JSON.stringify(mine) !== JSON.stringify(other))
        const sealed = await vault.seal(mine, "secret")
        unreadable(() => vault.openNow(vault.place(other, sealed)))
      }),
    )
  })
})

test("without the data key in memory only the waiting call opens, and from then on both", async () => {
  const sealed = await vault.seal(context, "secret")
  const fresh = createVault({
    masterKeys,
    dataKeys: storage.dataKeys,
    newId: () => newId("dk"),
    now: Date.now,
  })
  expect(fresh.openNow(fresh.place(context, sealed))).toBeUndefined()
  expect(await fresh.open(context, sealed)).toBe("secret")
  expect(fresh.openNow(fresh.place(context, sealed))).toBe("secret")
})
