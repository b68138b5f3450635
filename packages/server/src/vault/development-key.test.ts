import { randomBytes } from "node:crypto"
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterEach, beforeEach, expect, test } from "vitest"
import { ConfigError } from "../config.ts"
import { loadOrCreateMasterKey } from "./development-key.ts"
import { type MasterKeys, parseMasterKeys } from "./master-keys.ts"

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "grantry-key-"))
})
afterEach(() => rmSync(folder, { recursive: true }))

const dataDir = () => join(folder, "deep", "data")
const keyFile = () => join(dataDir(), "master.key")
const load = (config: { masterKeys?: MasterKeys; production?: boolean } = {}) =>
  loadOrCreateMasterKey({ masterKeys: null, production: false, dataDir: dataDir(), ...config })
/** Of a key of this process it is the same each time. */
const checkOf = ({ first }: MasterKeys) => first.newCheck()

function writeKeyFile(text: string): void {
  mkdirSync(dataDir(), { recursive: true })
  writeFileSync(keyFile(), text)
}

test("a configured key is used and no file is written", async () => {
  const masterKeys = parseMasterKeys(`k1:${randomBytes(32).toString("base64")}`)
  expect(await load({ masterKeys })).toBe(masterKeys)
  expect(readdirSync(folder)).toEqual([])
})

test("in production a missing key is refused and no file is written", async () => {
  await expect(load({ production: true })).rejects.toThrow(/^GRANTRY_MASTER_KEY is not set, but it must be/)
  expect(readdirSync(folder)).toEqual([])
})

test("in development a key is made once, for the owner's eyes only", async () => {
  const first = await load()
  expect(await checkOf(await load())).toBe(await checkOf(first))
  expect(statSync(dataDir()).mode & 0o777).toBe(0o700)
  expect(statSync(keyFile()).mode & 0o777).toBe(0o600)
  expect(readdirSync(dataDir())).toEqual(["master.key"])
})

test("starters that race agree on one key", async () => {
  for (let round = 0; round < 50; round++) {
    const keys = await Promise.all(Array.from({ length: 5 }, () => load()))
    expect(new Set(await Promise.all(keys.map(checkOf))).size).toBe(1)
    expect(readdirSync(dataDir())).toEqual(["master.key"])
    rmSync(dataDir(), { recursive: true })
  }
})

test.each(["", "\n", "development:", "development:c2hvcnQ=", "garbage", randomBytes(32).toString("base64")])(
  "a key file that holds %j is refused and left as it is",
  async (text) => {
    writeKeyFile(text)
    await expect(load()).rejects.toThrow(ConfigError)
    await expect(load()).rejects.toThrow(/key file .*master\.key does not hold a key/)
    expect(readFileSync(keyFile(), "utf8")).toBe(text)
  },
)

test("a key file that cannot be read is refused", async () => {
  mkdirSync(keyFile(), { recursive: true })
  await expect(load()).rejects.toThrow(/key file .*master\.key cannot be read/)
})
