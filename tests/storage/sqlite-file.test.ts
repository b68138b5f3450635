import { type ChildProcess, spawn } from "node:child_process"
import { once } from "node:events"
import { mkdtemp, readFile, rm, stat, symlink, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { createInterface } from "node:readline"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import { openStorage } from "../../packages/server/src/storage/open-storage.ts"
import { StorageLocked } from "../../packages/server/src/storage/storage-errors.ts"

const PROGRAM = join(import.meta.dirname, "open-and-wait.ts")

describe("the file of the embedded database", () => {
  let directory: string
  let file: string
  const children: ChildProcess[] = []

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), "grantry-file-"))
    file = join(directory, "data", "grantry.db")
  })
  afterEach(async () => {
    for (const child of children.splice(0)) await end(child, "SIGKILL")
    await rm(directory, { recursive: true, force: true })
  })

  /** The first line that another process says about opening the file. */
  async function openElsewhere(
    holdMs = 60_000,
  ): Promise<{ readonly child: ChildProcess; readonly line: string }> {
    const args = ["--conditions=grantry-source", PROGRAM, `file:${file}`, String(holdMs)]
    const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] })
    children.push(child)
    if (child.stdout === null) throw new Error("The child has no output")
    const [line]: unknown[] = await once(createInterface(child.stdout), "line")
    return { child, line: String(line) }
  }

  async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
    if (child.exitCode !== null || child.signalCode !== null) return
    const exit = once(child, "exit")
    child.kill(signal)
    await exit
  }

  it("is readable by its owner only, with all that stands beside it", async () => {
    const storage = await openStorage({ url: `file:${file}` })
    await storage.meta.put("a", "b")
    const mode = async (path: string) => ((await stat(path)).mode & 0o777).toString(8)
    expect(await mode(join(directory, "data"))).toBe("700")
    for (const suffix of ["", "-wal", "-shm", ".lock", ".guard"])
      expect(await mode(file + suffix)).toBe("600")
    await storage.close()
  })

  it("keeps what was written when it is opened again", async () => {
    const first = await openStorage({ url: `file:${file}` })
    await first.meta.put("a", "b")
    await first.close()
    await first.close()
    const second = await openStorage({ url: `file://${file}` })
    expect(await second.meta.get("a")).toBe("b")
    await second.close()
  })

  it("is refused to a second opener, who is told the pid, the file and what to do", async () => {
    const { child, line } = await openElsewhere()
    expect(line).toBe("open")
    const refused = await openStorage({ url: `file:${file}` }).catch((error: unknown) => error)
    expect(refused).toBeInstanceOf(StorageLocked)
    const message = refused instanceof Error ? refused.message : ""
    expect(message).toContain(`process ${child.pid}`)
    expect(message).toContain(file)
    expect(message).toContain("stop that one")
    expect(await readFile(`${file}.lock`, "utf8")).toMatch(new RegExp(`^${child.pid}\n`))
  })

  it("is refused to a second opener in the same process, by any path, and the first one keeps it", async () => {
    const storage = await openStorage({ url: `file:${file}` })
    await symlink(join(directory, "data"), join(directory, "link"))
    for (const path of [file, join(directory, "link", "grantry.db")]) {
      await expect(openStorage({ url: `file:${path}` })).rejects.toThrow(`this process (pid ${process.pid})`)
    }
    expect((await openElsewhere()).line).toContain("StorageLocked")
    await storage.meta.put("still", "open")
    await storage.close()
    expect((await openElsewhere()).line).toBe("open")
  })

  it("is taken over at once from a process that was killed, with what it had committed", async () => {
    const { child } = await openElsewhere()
    await end(child, "SIGKILL")
    expect(await readFile(`${file}.lock`, "utf8")).toContain(String(child.pid))
    const storage = await openStorage({ url: `file:${file}` })
    expect(await storage.meta.get("owner")).toBe(String(child.pid))
    expect(await readFile(`${file}.lock`, "utf8")).toContain(String(process.pid))
    await storage.close()
    await expect(readFile(`${file}.lock`)).rejects.toMatchObject({ code: "ENOENT" })
  })

  it("is not withheld by a lock file that names a process which does not hold it", async () => {
    const first = await openStorage({ url: `file:${file}` })
    await first.close()
    await writeFile(`${file}.lock`, `${process.ppid}\n1\n`)
    const storage = await openStorage({ url: `file:${file}` })
    await storage.close()
  })

  it("goes to exactly one of several starters that race for a dead process's file", async () => {
    const { child } = await openElsewhere()
    await end(child, "SIGKILL")
    const starters = await Promise.all(Array.from({ length: 6 }, () => openElsewhere()))
    const winners = starters.filter(({ line }) => line === "open")
    expect(winners).toHaveLength(1)
    for (const { line } of starters) if (line !== "open") expect(line).toContain("StorageLocked")
  })

  it("is refused when it is no database, and is left as it is", async () => {
    file = join(directory, "notes.txt")
    const notes = "These are my notes. ".repeat(500)
    await writeFile(file, notes)
    await expect(openStorage({ url: `file:${file}` })).rejects.toMatchObject({
      name: "StorageUnavailable",
      outcome: "not_applied",
    })
    expect(await readFile(file, "utf8")).toBe(notes)
  })

  it.each(["", "mysql://host/db", "file:"])("is refused when the URL is %j", async (url) => {
    await expect(openStorage({ url })).rejects.toBeInstanceOf(TypeError)
  })
})
