/** In development the master key is generated into the data folder, so that a first start needs no preparation. */
import { randomBytes } from "node:crypto"
import { constants, copyFile, link, mkdir, open, readFile, unlink } from "node:fs/promises"
import { join } from "node:path"
import type { Config } from "../config.ts"
import { ConfigError } from "../config/config-error.ts"
import { type MasterKeys, MasterKeysInvalid, masterKeyBytes, parseMasterKeys } from "./master-keys.ts"

const fileName = "master.key"
const keyId = "development"

/**
 * The configured master keys, else the key in the data folder, made at the first start.
 *
 * @throws ConfigError in production without a key, or when the key file cannot be used
 */
export async function loadOrCreateMasterKey(
  config: Pick<Config, "masterKeys" | "dataDir" | "production">,
): Promise<MasterKeys> {
  if (config.masterKeys) return config.masterKeys
  if (config.production) throw refusal("is not set, but it must be when NODE_ENV=production")
  const path = join(config.dataDir, fileName)
  return parseKeyFile((await readKeyFile(path)) ?? (await createKeyFile(config.dataDir, path)), path)
}

async function readKeyFile(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, "utf8")
  } catch (cause) {
    if (hasCode(cause, "ENOENT")) return undefined
    throw refusal(`is not set and the key file ${path} cannot be read`, cause)
  }
}

/** Starters that race agree on the first file: a complete one appears under the name, and none is replaced. */
async function createKeyFile(dataDir: string, path: string): Promise<string> {
  await mkdir(dataDir, { recursive: true, mode: 0o700 })
  const draft = `${path}.${randomBytes(8).toString("hex")}`
  await writeDurably(draft, `${keyId}:${randomBytes(masterKeyBytes).toString("base64")}\n`)
  try {
    await publish(draft, path)
  } finally {
    await unlink(draft)
  }
  return readFile(path, "utf8")
}

async function writeDurably(path: string, text: string): Promise<void> {
  const file = await open(path, "wx", 0o600)
  try {
    await file.writeFile(text)
    await file.sync()
  } finally {
    await file.close()
  }
}

async function publish(draft: string, path: string): Promise<void> {
  try {
    await link(draft, path)
  } catch (error) {
    if (hasCode(error, "EEXIST")) return
    // Some file systems have no hard links.
    if (!hasCode(error, "EPERM", "ENOTSUP", "EOPNOTSUPP", "ENOSYS", "EMLINK")) throw error
    await copyUnlessPresent(draft, path)
  }
}

async function copyUnlessPresent(draft: string, path: string): Promise<void> {
  try {
    await copyFile(draft, path, constants.COPYFILE_EXCL)
  } catch (error) {
    if (!hasCode(error, "EEXIST")) throw error
  }
}

function parseKeyFile(text: string, path: string): MasterKeys {
  try {
    return parseMasterKeys(text.trim())
  } catch (cause) {
    if (!(cause instanceof MasterKeysInvalid)) throw cause
    throw refusal(
      `is not set and the key file ${path} does not hold a key: ${cause.message}. Restore it from a backup; without it nothing that was sealed opens`,
      cause,
    )
  }
}

function refusal(rest: string, cause?: unknown): ConfigError {
  const variable = "GRANTRY_MASTER_KEY"
  return new ConfigError([{ variable, line: `${variable} ${rest}` }], { cause })
}

function hasCode(error: unknown, ...codes: readonly string[]): boolean {
  return (
    error instanceof Error && "code" in error && typeof error.code === "string" && codes.includes(error.code)
  )
}
