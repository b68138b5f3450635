/**
 * One process per database file.
 *
 * Two files stand beside it. `<file>.guard` is empty and carries a lock of the operating system, taken through SQLite's
 * own portable locking: it ends with the process, however that ends, so that there is no stale lock to judge and no race
 * in taking one over, also between containers whose process ids mean nothing to each other. It is never deleted, because
 * a starter could be waiting on the deleted file while another locks a new one. `<file>.lock` says who the owner is.
 */
import { closeSync, fsyncSync, openSync, readFileSync, renameSync, rmSync, writeSync } from "node:fs"
import { basename } from "node:path"
import Database from "better-sqlite3"
import { StorageLocked } from "../storage-errors.ts"

export interface FileLock {
  release(): void
}

/** Field 22 of /proc/<pid>/stat (proc_pid_stat(5)): with it, a process id that was given out again is not mistaken. */
function startTime(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8")
    // The second field is the program's name in brackets and may hold anything, spaces and brackets included.
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19]
  } catch (error) {
    if (isMissing(error)) return undefined
    throw error
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && "code" in error && (error.code === "ENOENT" || error.code === "ESRCH")
}

/** Written aside and renamed, so that nobody ever reads half of it. */
function writeOwner(lockFile: string): void {
  const written = `${lockFile}.${process.pid}`
  const file = openSync(written, "w", 0o600)
  try {
    writeSync(file, `${process.pid}\n${startTime(process.pid) ?? ""}\n`)
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
  renameSync(written, lockFile)
}

/** For the message alone: who holds the file is for the operating system to say. */
function describeOwner(lockFile: string): string {
  let text: string
  try {
    text = readFileSync(lockFile, "utf8")
  } catch (error) {
    if (isMissing(error)) return "another process, which is just starting or stopping,"
    throw error
  }
  const [pid, started] = text.split("\n")
  if (pid === String(process.pid)) return `this process (pid ${pid})`
  const running = startTime(Number(pid))
  const elsewhere = started !== "" && running !== started
  return elsewhere ? `process ${pid} of another container` : `process ${pid}`
}

function isBusy(error: unknown): boolean {
  return error instanceof Database.SqliteError && error.code.startsWith("SQLITE_BUSY")
}

/**
 * Creates a file that is ours alone if it is missing. An existing one is not opened: closing any handle on a file ends
 * all locks that this process has on it (POSIX fcntl), those of SQLite included.
 */
export function createPrivateFile(file: string): void {
  try {
    closeSync(openSync(file, "ax", 0o600))
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error
  }
}

/** @throws StorageLocked when another process, or this one, has the file open already */
export function lockFile(file: string): FileLock {
  const ownerFile = `${file}.lock`
  createPrivateFile(`${file}.guard`)
  const guard = new Database(`${file}.guard`, { timeout: 0 })
  try {
    // Nothing is ever written to it: it needs no journal beside it.
    guard.pragma("journal_mode = MEMORY")
    guard.exec("begin exclusive")
  } catch (error) {
    guard.close()
    if (!isBusy(error)) throw error
    throw new StorageLocked(
      `The database ${file} is in use by ${describeOwner(ownerFile)}. One process at a time may have an embedded ` +
        `database: stop that one, or give this one a data directory of its own, or use PostgreSQL for replicas ` +
        `(the owner is named in ${basename(ownerFile)} beside the database).`,
    )
  }
  writeOwner(ownerFile)
  return {
    release() {
      if (!guard.open) return
      rmSync(ownerFile, { force: true })
      guard.close()
    },
  }
}
