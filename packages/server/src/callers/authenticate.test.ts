import type { IncomingHttpHeaders } from "node:http"
import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest"
import { openStorage } from "../storage/open-storage.ts"
import type { Storage } from "../storage/storage.ts"
import type { KeyStore } from "../storage/stores/keys.ts"
import { type Authenticator, createAuthenticator } from "./authenticate.ts"
import { newKey } from "./keys.ts"

let directory: string
let storage: Storage
let lookUps: number
let authenticator: Authenticator
const serviceKey = newKey("gsk_")
const apiKey = newKey("b44k_")

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "grantry-keys-"))
  storage = await openStorage({ url: `file:${join(directory, "grantry.db")}` })
  const at = { workspaceId: "ws_1", createdAt: 1, lastUsedAt: null, name: "x" }
  await storage.accounts.insertMember({ id: "mem_1", email: "a@example.com", name: "A", createdAt: 1 })
  await storage.accounts.insertWorkspace({
    id: "ws_1",
    name: "W",
    plan: "free",
    personalOf: null,
    createdAt: 1,
  })
  await storage.accounts.insertMembership({ workspaceId: "ws_1", memberId: "mem_1", role: "editor" })
  await storage.apps.insert({ id: "app_1", workspaceId: "ws_1", name: "A", createdBy: "mem_1", createdAt: 1 })
  await storage.keys.insertServiceKey(
    { ...at, id: "sk_1", appId: "app_1", prefix: serviceKey.prefix },
    serviceKey.hash,
  )
  await storage.keys.insertApiKey(
    { ...at, id: "key_1", memberId: "mem_1", prefix: apiKey.prefix },
    apiKey.hash,
  )
  lookUps = 0
  const counted: KeyStore = {
    ...storage.keys,
    findApiKeyByHash: (hash) => ((lookUps += 1), storage.keys.findApiKeyByHash(hash)),
    findServiceKeyByHash: (hash) => ((lookUps += 1), storage.keys.findServiceKeyByHash(hash)),
  }
  authenticator = createAuthenticator(counted, { now: () => 1_000 }, async () => undefined)
})
afterEach(async () => {
  await storage.close()
  await rm(directory, { recursive: true })
})

const authenticate = async (headers: IncomingHttpHeaders) => authenticator.authenticate(headers)

test("a service key is its app's, a workspace API key its member's with the member's role", async () => {
  expect(await authenticate({ authorization: `Bearer ${serviceKey.secret}` })).toEqual({
    kind: "service",
    workspaceId: "ws_1",
    appId: "app_1",
    actor: "service:sk_1",
  })
  expect(await authenticate({ api_key: apiKey.secret })).toEqual({
    kind: "member",
    memberId: "mem_1",
    workspaces: [{ workspaceId: "ws_1", role: "editor" }],
    actor: "member:mem_1",
  })
})

test.each([
  ["nothing", {}],
  ["an empty header", { authorization: "" }],
  ["no scheme", { authorization: serviceKey.secret }],
  ["another scheme", { authorization: `Basic ${serviceKey.secret}` }],
  ["a key with a letter more", { authorization: `Bearer ${serviceKey.secret}x` }],
  ["a key that nobody was given", { authorization: `Bearer ${newKey("gsk_").secret}` }],
  ["an API key that nobody was given", { api_key: newKey("b44k_").secret }],
  ["a key of another product", { authorization: "Bearer sk_live_0123456789" }],
  ["an endless key", { api_key: `b44k_${"x".repeat(10_000)}` }],
])("%s is no credential", async (_, headers: IncomingHttpHeaders) => {
  expect(await authenticate(headers)).toBeUndefined()
})

test("a mistyped service key is refused without asking the database", async () => {
  await authenticate({ authorization: `Bearer ${serviceKey.secret.slice(0, -1)}` })
  expect(lookUps).toBe(0)
})

test("a bearer token is looked at before the api_key header, so that no request has two callers", async () => {
  const headers = { authorization: `Bearer ${serviceKey.secret}`, api_key: apiKey.secret }
  expect(await authenticate(headers)).toMatchObject({ kind: "service" })
  expect(await authenticate({ ...headers, authorization: `Bearer ${newKey("gsk_").secret}` })).toBeUndefined()
})

test("a known key is not asked for again, and a revoked one is refused as soon as keys are forgotten", async () => {
  await authenticate({ api_key: apiKey.secret })
  await authenticate({ api_key: apiKey.secret })
  expect(lookUps).toBe(1)
  await storage.keys.deleteApiKey("ws_1", "key_1")
  authenticator.forgetKeys()
  expect(await authenticate({ api_key: apiKey.secret })).toBeUndefined()
})

test("unknown keys are never remembered: a key works as soon as it exists", async () => {
  const later = newKey("b44k_")
  expect(await authenticate({ api_key: later.secret })).toBeUndefined()
  const key = {
    id: "key_2",
    workspaceId: "ws_1",
    memberId: "mem_1",
    name: "x",
    prefix: later.prefix,
    createdAt: 1,
    lastUsedAt: null,
  }
  await storage.keys.insertApiKey(key, later.hash)
  expect(await authenticate({ api_key: later.secret })).toMatchObject({ kind: "member" })
})

test("a key of a member who left the workspace is no credential", async () => {
  const { hash, prefix, secret } = newKey("b44k_")
  await storage.accounts.insertMember({ id: "mem_2", email: "b@example.com", name: "B", createdAt: 1 })
  await storage.keys.insertApiKey(
    {
      id: "key_3",
      workspaceId: "ws_1",
      memberId: "mem_2",
      name: "x",
      prefix,
      createdAt: 1,
      lastUsedAt: null,
    },
    hash,
  )
  expect(await authenticate({ api_key: secret })).toBeUndefined()
})

test("when keys were last used is written in one batch, and once", async () => {
  await authenticate({ api_key: apiKey.secret })
  await authenticate({ authorization: `Bearer ${serviceKey.secret}` })
  expect((await storage.keys.listApiKeys("ws_1"))[0]?.lastUsedAt).toBeNull()
  await authenticator.flushUses()
  expect((await storage.keys.listApiKeys("ws_1"))[0]?.lastUsedAt).toBe(1_000)
  expect((await storage.keys.listServiceKeys("ws_1", "app_1"))[0]?.lastUsedAt).toBe(1_000)
})

test("what was looked up before keys were forgotten is not remembered after it", async () => {
  const running = authenticate({ api_key: apiKey.secret })
  authenticator.forgetKeys()
  expect(await running).toBeDefined()
  await storage.keys.deleteApiKey("ws_1", "key_1")
  expect(await authenticate({ api_key: apiKey.secret })).toBeUndefined()
})

describe("whoever limits strangers", () => {
  /** What was asked before look-ups. */
  let asked: boolean[]
  const note = (wasGood: boolean): void => void asked.push(wasGood)
  const refuse = (wasGood: boolean): void => {
    if (!wasGood) throw new Error("a stranger")
  }
  beforeEach(() => {
    asked = []
  })
  afterEach(() => void vi.restoreAllMocks())
  const muchLater = () => {
    const now = performance.now()
    vi.spyOn(performance, "now").mockReturnValue(now + 60_000)
  }

  test("is asked before the database is, and can end the call there", async () => {
    const headers = { api_key: newKey("b44k_").secret }
    expect(() => authenticator.authenticate(headers, refuse)).toThrow("a stranger")
    expect(lookUps).toBe(0)
  })

  test("is not asked about a key that is remembered, and told of one that was good when it was last looked up", async () => {
    const headers = { api_key: apiKey.secret }
    await authenticator.authenticate(headers, note)
    await authenticator.authenticate(headers, note)
    expect(asked).toEqual([false])
    muchLater()
    expect(await authenticator.authenticate(headers, refuse)).toMatchObject({ kind: "member" })
  })

  test("is told no good of a key that another replica has revoked, once that was found out", async () => {
    const headers = { api_key: apiKey.secret }
    await authenticator.authenticate(headers, note)
    await storage.keys.deleteApiKey("ws_1", "key_1")
    muchLater()
    expect(await authenticator.authenticate(headers, note)).toBeUndefined()
    expect(await authenticator.authenticate(headers, note)).toBeUndefined()
    expect(asked).toEqual([false, true, false])
  })
})
