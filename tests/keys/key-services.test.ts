/** What every master key keeps to, in this process or in a key service. The services' own clients drive emulations. */
import { randomBytes } from "node:crypto"
import { writeFile, mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { builtInCatalog } from "@grantry/catalog"
import { readConfig } from "@grantry/server"
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from "vitest"
import { loadLibrary } from "../../packages/server/src/vault/key-services/open-key-service.ts"
import {
  type MasterKey,
  MasterKeyUnavailable,
  WrappingRefused,
} from "../../packages/server/src/vault/master-key.ts"
import { closeMasterKeys, type MasterKeys } from "../../packages/server/src/vault/vault.ts"
import { startAwsKms } from "../harness/key-services/aws-kms.ts"
import type { EmulatedKeyService, KeyServiceFault } from "../harness/key-services/emulated.ts"
import { startGcpKms } from "../harness/key-services/gcp-kms.ts"
import { startVaultTransit } from "../harness/key-services/vault-transit.ts"
import { knownNames } from "../harness/server.ts"

// A service that hangs is waited for; the machine may be busy.
vi.setConfig({ testTimeout: 60_000 })

const services = [
  ["AWS KMS", startAwsKms],
  ["Google Cloud KMS", startGcpKms],
  ["Vault Transit", startVaultTransit],
] as const

const opened: MasterKeys[] = []
afterAll(async () => {
  await Promise.all(opened.map(closeMasterKeys))
  vi.unstubAllEnvs()
})

/** As a server reads them. */
function masterKeys(text: string, env: Readonly<Record<string, string>> = {}): MasterKeys {
  const all = { GRANTRY_MASTER_KEY: text, GRANTRY_KEY_SERVICE_TIMEOUT_MS: "2000", ...env }
  const keys = readConfig(all, knownNames(builtInCatalog)).masterKeys
  if (!keys) throw new Error("no keys")
  opened.push(keys)
  return keys
}

const context = { workspaceId: "ws_1", dataKeyId: "dk_1" }
const dataKey = randomBytes(32)
const localKey = () => randomBytes(32).toString("base64")

interface Subject {
  /** The key under another id, or another key under the same. */
  make(id: string, which: "one" | "other"): MasterKey
}

function keepsTheContract(subject: () => Subject): void {
  const one = () => subject().make("k1", "one")

  test("what it wrapped unwraps, each time to the same", async () => {
    const wrapped = await one().wrap(context, dataKey)
    expect(Buffer.from(wrapped).includes(dataKey)).toBe(false)
    expect(Buffer.from(await one().unwrap(context, wrapped)).equals(dataKey)).toBe(true)
    expect(Buffer.from(await one().unwrap(context, wrapped)).equals(dataKey)).toBe(true)
  })

  test.each([
    ["another workspace", { ...context, workspaceId: "ws_2" }],
    ["another data key", { ...context, dataKeyId: "dk_2" }],
    ["both joined differently", { workspaceId: "ws_1dk", dataKeyId: "_1" }],
  ])("for %s it refuses", async (_, other) => {
    const wrapped = await one().wrap(context, dataKey)
    await expect(one().unwrap(other, wrapped)).rejects.toThrow(WrappingRefused)
  })

  test("under another id, or with another key, it refuses", async () => {
    const wrapped = await one().wrap(context, dataKey)
    await expect(subject().make("k2", "one").unwrap(context, wrapped)).rejects.toThrow(WrappingRefused)
    await expect(subject().make("k1", "other").unwrap(context, wrapped)).rejects.toThrow(WrappingRefused)
  })

  test("changed, cut or lengthened it refuses", async () => {
    const wrapped = Buffer.from(await one().wrap(context, dataKey))
    const changed = [0, 1, wrapped.length - 30, wrapped.length - 20].map((at) => {
      const copy = Buffer.from(wrapped)
      copy[at] = (copy[at] ?? 0) ^ 1
      return copy
    })
    const all = [
      ...changed,
      wrapped.subarray(0, -4),
      Buffer.concat([wrapped, Buffer.from("AAAA")]),
      Buffer.alloc(0),
    ]
    for (const broken of all) await expect(one().unwrap(context, broken)).rejects.toThrow(WrappingRefused)
  })

  test("its check passes for itself alone, and none of a key of another kind does", async () => {
    const check = await one().newCheck()
    expect(await one().passes(check)).toBe(true)
    expect(await subject().make("k1", "other").passes(check)).toBe(false)
    expect(await subject().make("k2", "one").passes(check)).toBe(false)
    expect(await one().passes("wrapped:AgAA")).toBe(false)
    expect(await one().passes("bm90IG1pbmU")).toBe(false)
  })
}

describe("a key of this process", () => {
  const secrets = { one: localKey(), other: localKey() }
  keepsTheContract(() => ({ make: (id, which) => masterKeys(`${id}:${secrets[which]}`).first }))
})

describe.each(services)("a key in %s", (name, start) => {
  let service: EmulatedKeyService
  beforeAll(async () => {
    service = await start()
    // The libraries look for their credentials themselves.
    for (const [variable, value] of Object.entries(service.env)) vi.stubEnv(variable, value)
  })
  beforeEach(() => {
    service.fault = null
  })
  afterAll(() => service.close())

  const make = (id: string, which: "one" | "other") =>
    masterKeys(`${id}:${which === "one" ? service.address : service.otherAddress}`, service.env).first

  keepsTheContract(() => ({ make }))

  test("is asked nothing before it is needed", () => {
    const before = service.asked
    make("k1", "one")
    expect(service.asked).toBe(before)
  })

  test("a check that has passed is not asked about again", async () => {
    const key = make("k1", "one")
    const check = await key.newCheck()
    await key.passes(check)
    const before = service.asked
    for (let look = 0; look < 10; look += 1) expect(await key.passes(check)).toBe(true)
    expect(service.asked).toBe(before)
  })

  test.each<[KeyServiceFault, RegExp]>([
    ["denied", /denied|not authorized/i],
    ["throttled", /exceeded|no answer within/i],
    ["hangs", /no answer within 2000 ms|did not answer|deadline|timed? ?out/i],
    ["nonsense", /./],
  ])("that %s is trouble and no verdict, and works when that is over", async (fault, says) => {
    const key = make("k1", "one")
    const wrapped = await key.wrap(context, dataKey)
    expect(key.trouble()).toBeUndefined()
    service.fault = fault
    const error: unknown = await key.unwrap(context, wrapped).catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(MasterKeyUnavailable)
    expect(String(error)).toContain(`the master key "k1" in ${name} cannot be used`)
    expect(String(error)).toMatch(says)
    expect(key.trouble()).toBe(error)
    service.fault = null
    await expect.poll(() => unwraps(key, wrapped), { timeout: 30_000 }).toBe(true)
    expect(key.trouble()).toBeUndefined()
  })

  test("that is away is trouble and no verdict, and works when it is back", async () => {
    const key = make("k1", "one")
    const wrapped = await key.wrap(context, dataKey)
    await service.goAway()
    await expect(key.unwrap(context, wrapped)).rejects.toThrow(MasterKeyUnavailable)
    await expect(key.wrap(context, dataKey)).rejects.toThrow(MasterKeyUnavailable)
    await expect(key.passes(await checkOf(wrapped))).rejects.toThrow(MasterKeyUnavailable)
    await service.comeBack()
    await expect.poll(() => unwraps(key, wrapped), { timeout: 30_000 }).toBe(true)
  })

  async function unwraps(key: MasterKey, wrapped: Uint8Array): Promise<boolean> {
    try {
      return Buffer.from(await key.unwrap(context, wrapped)).equals(dataKey)
    } catch (error) {
      if (error instanceof MasterKeyUnavailable) return false
      throw error
    }
  }
})

/** Some check that this process has not seen pass. */
const checkOf = async (wrapped: Uint8Array) => `wrapped:${Buffer.from(wrapped).toString("base64url")}`

describe("Vault's token", () => {
  test("is read from its file for each request, and never told", async () => {
    const service = await startVaultTransit()
    const folder = await mkdtemp(join(tmpdir(), "grantry-vault-token-"))
    const file = join(folder, "token")
    await writeFile(file, "hvs.old-token\n")
    const key = masterKeys(`k1:${service.address}`, { GRANTRY_VAULT_TOKEN_FILE: file }).first
    const error: unknown = await key.wrap(context, dataKey).catch((thrown: unknown) => thrown)
    expect(String(error)).toMatch(/HTTP 403: permission denied/)
    expect(String(error)).not.toContain("hvs.")
    await writeFile(file, `${service.env["GRANTRY_VAULT_TOKEN"]}\n`)
    const wrapped = await vi.waitFor(() => key.wrap(context, dataKey), { timeout: 30_000, interval: 200 })
    expect(Buffer.from(await key.unwrap(context, wrapped)).equals(dataKey)).toBe(true)
    await service.close()
    await rm(folder, { recursive: true })
  })

  test("must be set", async () => {
    const key = masterKeys("k1:vault-transit:https://vault.example.com/transit/keys/grantry").first
    await expect(key.wrap(context, dataKey)).rejects.toThrow(
      'the master key "k1" in Vault Transit cannot be used: neither GRANTRY_VAULT_TOKEN nor GRANTRY_VAULT_TOKEN_FILE is set',
    )
  })
})

test("a library that is not installed is named with the command that installs it", async () => {
  // A name that is not written out is not resolved ahead of time.
  const name = ["@grantry", "not-installed"].join("/")
  await expect(loadLibrary(name, "3", () => import(/* @vite-ignore */ name))).rejects.toThrow(
    "the package @grantry/not-installed is not installed. Install it beside Grantry: npm install @grantry/not-installed@3",
  )
})
