import { execFileSync } from "node:child_process"
import { randomBytes } from "node:crypto"
import { writeFileSync, rmSync } from "node:fs"
import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import Database from "better-sqlite3"
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest"
import { createApp, fetchToken, type TestApp } from "../harness/api.ts"
import { type ChildReplica, startChildReplica } from "../harness/child-replica.ts"
import { connectAtProvider } from "../harness/provider-consent.ts"
import { type RotatingProvider, startRotatingProvider } from "../harness/rotating-provider.ts"
import { ownerKey } from "../harness/server.ts"

const patience = { timeout: 10_000, interval: 50 }
const expiredMs = 7_200_000

/** Mounting takes root. */
function mounted(folder: string): boolean {
  try {
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=8m,mode=700", "tmpfs", folder], { stdio: "ignore" })
    return true
  } catch {
    return false
  }
}

const canLimit = ((): boolean => {
  try {
    execFileSync("prlimit", ["--version"], { stdio: "ignore" })
    return true
  } catch {
    return false
  }
})()

const folder = await mkdtemp(join(tmpdir(), "grantry-small-disk-"))
const isSmall = mounted(folder)

describe("SQLite on a disk that takes no more", () => {
  let replica: ChildReplica
  let provider: RotatingProvider
  let app: TestApp
  beforeAll(async () => {
    provider = await startRotatingProvider()
    replica = await startChildReplica({
      provider: provider.origin,
      dataDir: folder,
      env: {
        GRANTRY_MASTER_KEY: `test:${randomBytes(32).toString("base64")}`,
        GRANTRY_BOOTSTRAP_API_KEY: ownerKey,
        GRANTRY_PROVIDER_TIMEOUT_MS: "5000",
        GRANTRY_REFRESH_RATE: "0",
      },
    })
  })
  afterAll(async () => {
    await replica.destroy()
    await provider.close()
    if (isSmall) execFileSync("umount", [folder])
    await rm(folder, { recursive: true, force: true })
  })
  beforeEach(async () => {
    provider.reset()
    app = await connected()
  })

  async function connected(): Promise<TestApp> {
    const made = await createApp(replica.url)
    expect((await connectAtProvider(replica.url, made)).status).toBe(200)
    return made
  }
  async function expire(): Promise<void> {
    provider.moveClock(expiredMs)
    await replica.moveClock(expiredMs)
  }
  const token = (of = app) => fetchToken(replica.url, of, "rotating")
  /** As a file system that was remounted read-only: no write of this process succeeds. */
  const takesWrites = (yes: boolean): void => {
    execFileSync("prlimit", ["--pid", String(replica.pid), `--fsize=${yes ? "unlimited" : "1"}:unlimited`])
  }

  test.runIf(canLimit)(
    "read-only: living tokens are served, expired ones say so, and the provider hears nothing",
    async () => {
      const before = await token()
      takesWrites(false)
      expect(await token()).toMatchObject({ status: 200, body: { access_token: before.body.access_token } })
      await expire()
      for (let read = 0; read < 5; read += 1)
        expect(await token()).toMatchObject({ status: 503, body: { code: "STORAGE_UNAVAILABLE" } })
      expect(provider.asked).toBe(0)
      takesWrites(true)
      await expect.poll(async () => (await token()).status, patience).toBe(200)
      expect(provider.asked).toBe(1)
      expect(provider.refreshes.filter(({ again }) => again)).toEqual([])
    },
  )

  test.runIf(canLimit)(
    "read-only while the provider is at work: what it gave is served from memory, and stored later",
    async () => {
      await expire()
      provider.onRefresh(({ answer }) => {
        takesWrites(false)
        answer()
      })
      const held = await token()
      expect(held.status).toBe(200)
      expect(provider.isLive(held.body.access_token)).toBe(true)
      takesWrites(true)
      await expect.poll(() => replica.logged(), patience).toContain("took a held grant")
      expect((await token()).body.access_token).toBe(held.body.access_token)
      await expire()
      expect((await token()).status).toBe(200)
      expect(provider.asked).toBe(2)
      expect(provider.refreshes.filter(({ again }) => again)).toEqual([])
    },
  )

  test.runIf(isSmall)(
    "full: each refresh happens once, however many find no room, and all are served when there is room",
    async () => {
      const apps = [app]
      while (apps.length < 30) apps.push(await connected())
      await expire()
      fill()
      const answers = await Promise.all(apps.map((of) => token(of)))
      const outcomes = new Set(answers.map(({ body, status }) => `${status} ${body.code ?? ""}`))
      expect(
        [...outcomes].filter((outcome) => !["200 ", "503 STORAGE_UNAVAILABLE"].includes(outcome)),
      ).toEqual([])
      expect(outcomes).toContain("503 STORAGE_UNAVAILABLE")
      rmSync(join(folder, "filler"))
      await expect
        .poll(
          async () => new Set((await Promise.all(apps.map((of) => token(of)))).map(({ status }) => status)),
          patience,
        )
        .toEqual(new Set([200]))
      expect(provider.asked).toBe(30)
      expect(provider.refreshes.filter(({ again }) => again)).toEqual([])
    },
  )

  function fill(): void {
    // The journal of writes keeps the room that it once had.
    const database = new Database(join(folder, "grantry.db"))
    database.pragma("wal_checkpoint(truncate)")
    database.close()
    const file = join(folder, "filler")
    for (const size of [65_536, 4_096]) {
      for (;;) {
        try {
          writeFileSync(file, Buffer.alloc(size), { flag: "a" })
        } catch {
          break
        }
      }
    }
  }
})
