/** The logins of this user: one file, readable by them alone, written whole and under a lock. */
import { randomBytes } from "node:crypto"
import { mkdir, open, readFile, rename } from "node:fs/promises"
import { join } from "node:path"
import envPaths from "env-paths"
import lockfile from "proper-lockfile"
import { CliError } from "../cli-error.ts"
import { type Environment, textOf } from "../environment.ts"

export interface ApiKeyCredential {
  readonly kind: "api_key"
  readonly key: string
}

/** From the device login; the refresh token is spent with its first use. */
export interface DeviceCredential {
  readonly kind: "device"
  readonly accessToken: string
  readonly refreshToken: string
  /** Milliseconds since the epoch. */
  readonly expiresAtMs: number
  readonly email: string
  readonly name: string
}

export type StoredCredential = ApiKeyCredential | DeviceCredential

export interface Credentials {
  /** The server that the last login was for. */
  readonly current: string | null
  readonly servers: Readonly<Record<string, StoredCredential>>
}

export interface CredentialsFile {
  readonly path: string
  read(): Promise<Credentials>
  /** Under the lock: reads, changes, writes. Commands that run at once do not undo each other's work. */
  change<Result>(work: (current: Credentials) => Promise<Change<Result>>): Promise<Result>
}

export interface Change<Result> {
  /** undefined: nothing is written. */
  readonly next?: Credentials
  readonly result: Result
}

const none: Credentials = { current: null, servers: {} }
/** Longer than a refresh may take, so that nobody gives up on one that is under way. */
const lockRetries = { retries: 60, minTimeout: 50, maxTimeout: 1_500 }

export function credentialsFile(env: Environment): CredentialsFile {
  const folder = textOf(env, "GRANTRY_CONFIG_DIR") ?? envPaths("grantry", { suffix: "" }).config
  const path = join(folder, "credentials.json")
  return {
    path,
    read: () => readCredentials(path),
    async change(work) {
      await mkdir(folder, { recursive: true, mode: 0o700 })
      const release = await lockfile.lock(path, { realpath: false, retries: lockRetries, stale: 15_000 })
      try {
        const { next, result } = await work(await readCredentials(path))
        if (next) await writeWhole(path, `${JSON.stringify(next, null, 2)}\n`)
        return result
      } finally {
        await release()
      }
    },
  }
}

async function readCredentials(path: string): Promise<Credentials> {
  let text: string
  try {
    text = await readFile(path, "utf8")
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return none
    throw error
  }
  const parsed = parse(text)
  if (parsed) return parsed
  throw new CliError(`${path} does not hold what a login writes.`, {
    code: "CREDENTIALS_UNREADABLE",
    hints: ["Delete it and sign in again with `grantry login`."],
  })
}

function parse(text: string): Credentials | undefined {
  try {
    const value = JSON.parse(text) as Partial<Credentials> | null
    return typeof value?.servers === "object"
      ? { current: value.current ?? null, servers: value.servers }
      : undefined
  } catch {
    return undefined
  }
}

/** Aside and renamed: nobody ever reads half of it, and the mode is right from the first byte. */
async function writeWhole(path: string, text: string): Promise<void> {
  const draft = `${path}.${randomBytes(6).toString("hex")}`
  const file = await open(draft, "wx", 0o600)
  try {
    await file.writeFile(text)
    await file.sync()
  } finally {
    await file.close()
  }
  await rename(draft, path)
}
