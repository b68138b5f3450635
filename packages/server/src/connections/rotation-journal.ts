/**
 * Refreshed grants that the database could not take yet, one file each, in the data folder: they outlive this process.
 * Tokens are sealed as they are in the database.
 */
import { mkdir, open, readdir, readFile, rename, rm } from "node:fs/promises"
import { join } from "node:path"
import type { Services } from "../services.ts"
import { CredentialUnreadable } from "../vault/vault.ts"
import type { RefreshedGrant } from "./store-grant.ts"
import { storeGrant } from "./store-grant.ts"

export interface JournalEntry {
  /** Forgets it, once the database has it. */
  remove(): Promise<void>
}

const folder = "rotation-journal"

/** On disk when this returns. */
export async function writeJournal(dataDir: string, grant: RefreshedGrant): Promise<JournalEntry> {
  const directory = join(dataDir, folder)
  await mkdir(directory, { recursive: true, mode: 0o700 })
  const { id, version } = grant.connection
  const path = join(directory, `${id}.${version}.json`)
  // Renamed when complete: a crash leaves a whole file or none.
  await writeSynced(`${path}.part`, JSON.stringify(grant, bytesAsBase64))
  await rename(`${path}.part`, path)
  await syncDirectory(directory)
  return { remove: () => rm(path, { force: true }) }
}

/**
 * Stores what an earlier process left behind. What cannot be stored stays in its file for the operator to look at.
 *
 * @throws StorageUnavailable
 */
export async function replayJournal(
  deps: Pick<Services, "config" | "storage" | "vault" | "clock" | "log" | "catalog">,
): Promise<void> {
  const directory = join(deps.config.dataDir, folder)
  for (const name of await entriesOf(directory)) {
    const path = join(directory, name)
    try {
      const grant = parseEntry(await readFile(path, "utf8"))
      const outcome = await storeGrant(deps, grant)
      deps.log.info(
        { connectionId: grant.connection.id, outcome },
        "a refreshed grant of an earlier run was found",
      )
      await rm(path, { force: true })
    } catch (error) {
      if (!(error instanceof SyntaxError) && !(error instanceof CredentialUnreadable)) throw error
      deps.log.error(
        { err: error, path },
        "a file of the rotation journal cannot be read and is left as it is",
      )
    }
  }
}

/** Whether grants wait there for the database. */
export async function hasJournalEntries(dataDir: string): Promise<boolean> {
  return (await entriesOf(join(dataDir, folder))).length > 0
}

async function entriesOf(directory: string): Promise<readonly string[]> {
  try {
    return (await readdir(directory)).filter((name) => name.endsWith(".json")).sort()
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return []
    throw error
  }
}

async function writeSynced(path: string, text: string): Promise<void> {
  const file = await open(path, "w", 0o600)
  try {
    await file.writeFile(text)
    await file.sync()
  } finally {
    await file.close()
  }
}

async function syncDirectory(path: string): Promise<void> {
  const directory = await open(path, "r")
  try {
    await directory.sync()
  } finally {
    await directory.close()
  }
}

const sealedFields: ReadonlySet<string> = new Set(["sealedAccessToken", "sealedRefreshToken"])

function bytesAsBase64(this: unknown, key: string, value: unknown): unknown {
  if (!sealedFields.has(key) || value === null) return value
  // A Buffer has turned itself into an object by now; the holder still has the bytes.
  const bytes = (this as Record<string, Uint8Array>)[key]
  return bytes && Buffer.from(bytes).toString("base64")
}

function parseEntry(text: string): RefreshedGrant {
  return JSON.parse(text, (key, value: unknown) =>
    sealedFields.has(key) && typeof value === "string" ? new Uint8Array(Buffer.from(value, "base64")) : value,
  ) as RefreshedGrant
}
