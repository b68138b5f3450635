/** Keeps grants, tokens and clients over a restart, in one JSON file. */
import { readFileSync, renameSync, rmSync, writeFileSync } from "node:fs"
import { writeFile, rename } from "node:fs/promises"
import type { Code, Grant, GrantStore, Token } from "./grants.ts"
import type { OauthClient } from "./oauth-client.ts"
import type { Sandbox } from "./sandbox.ts"

const snapshotVersion = 1

interface Snapshot {
  readonly version: typeof snapshotVersion
  readonly savedAtMs: number
  readonly grants: readonly Grant[]
  readonly tokens: readonly Token[]
  readonly codes: readonly Code[]
  readonly clients: readonly OauthClient[]
}

/**
 * Reads the snapshot into an empty sandbox. Its time never runs backwards: it goes on where it was.
 *
 * @returns `unreadable` when the file had to be put aside
 */
export function restore(sandbox: Sandbox, path: string): "restored" | "nothing" | "unreadable" {
  const text = readIfThere(path)
  if (text === null) return "nothing"
  const snapshot = parseSnapshot(text)
  if (!snapshot) return putAside(path)
  for (const grant of snapshot.grants) sandbox.store.grants.set(grant.key, grant)
  for (const token of snapshot.tokens) sandbox.store.tokens.set(token.value, token)
  for (const code of snapshot.codes) sandbox.store.codes.set(code.value, code)
  for (const client of snapshot.clients) restoreClient(sandbox, client)
  const behindMs = snapshot.savedAtMs - sandbox.clock.now()
  if (behindMs > 0) sandbox.clock.advance(behindMs)
  return "restored"
}

/** What is lost can be made again by consenting again, so the sandbox starts; the file stays for a look. */
function putAside(path: string): "unreadable" {
  renameSync(path, `${path}.unreadable`)
  return "unreadable"
}

/** Settings that came with a newer version keep their initial values. */
function restoreClient(sandbox: Sandbox, client: OauthClient): void {
  const builtIn = sandbox.clients.get(client.clientId)
  sandbox.clients.set(client.clientId, { ...client, settings: { ...builtIn?.settings, ...client.settings } })
}

function readIfThere(path: string): string | null {
  try {
    return readFileSync(path, "utf8")
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return null
    throw error
  }
}

function parseSnapshot(text: string): Snapshot | null {
  try {
    const parsed: unknown = JSON.parse(text)
    return isSnapshot(parsed) ? parsed : null
  } catch (error) {
    if (error instanceof SyntaxError) return null
    throw error
  }
}

function isSnapshot(parsed: unknown): parsed is Snapshot {
  if (typeof parsed !== "object" || parsed === null) return false
  const { version, savedAtMs, grants, tokens, codes, clients } = parsed as Record<string, unknown>
  const lists = [grants, tokens, codes, clients].every(
    (list) => Array.isArray(list) && list.every((item) => typeof item === "object" && item !== null),
  )
  return version === snapshotVersion && typeof savedAtMs === "number" && lists
}

export interface Saver {
  /** Saves soon: many changes make one write. */
  readonly soon: () => void
  /** Saves what is not saved yet, now. */
  readonly flush: () => void
}

const nothingToSave: Saver = { soon: () => undefined, flush: () => undefined }

/**
 * @param path null: nothing is kept
 * @param state what to save, asked for at the time of writing
 * @param failed told when a write in the background failed; the next change tries again
 */
export function createSaver(
  path: string | null,
  state: () => { store: GrantStore; clients: ReadonlyMap<string, OauthClient>; nowMs: number },
  failed: (error: unknown) => void,
): Saver {
  if (path === null) return nothingToSave
  let timer: NodeJS.Timeout | null = null
  let isWriting = false
  let isDirty = false
  let pauseMs = 100
  const temporary = `${path}.${process.pid}.tmp`
  const text = () => JSON.stringify(snapshotOf(state()))

  const write = async () => {
    timer = null
    isWriting = true
    isDirty = false
    const startedMs = performance.now()
    try {
      await writeFile(`${temporary}.soon`, text(), { mode: 0o600 })
      // A flush that came meanwhile has newer contents.
      if (isWriting) await rename(`${temporary}.soon`, path)
      else rmSync(`${temporary}.soon`, { force: true })
    } catch (error) {
      failed(error)
    }
    isWriting = false
    // A large file is written less often than a small one.
    pauseMs = Math.max(100, 10 * (performance.now() - startedMs))
    if (isDirty) soon()
  }
  const soon = () => {
    isDirty = true
    if (timer || isWriting) return
    timer = setTimeout(() => void write(), pauseMs)
    timer.unref()
  }
  const flush = () => {
    if (timer) clearTimeout(timer)
    timer = null
    if (!isDirty && !isWriting) return
    isWriting = false
    isDirty = false
    writeFileSync(temporary, text(), { mode: 0o600 })
    renameSync(temporary, path)
    rmSync(`${temporary}.soon`, { force: true })
  }
  return { soon, flush }
}

function snapshotOf(state: {
  store: GrantStore
  clients: ReadonlyMap<string, OauthClient>
  nowMs: number
}): Snapshot {
  const { store, clients, nowMs } = state
  const lists = {
    grants: [...store.grants.values()],
    tokens: [...store.tokens.values()],
    codes: [...store.codes.values()],
  }
  return { version: snapshotVersion, savedAtMs: nowMs, ...lists, clients: [...clients.values()] }
}
