/** The published command line, unmodified, signs in against this server: CONTRACT.md section 7. */
import { type ChildProcess, spawn } from "node:child_process"
import { mkdtemp, readFile, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { createApp } from "../harness/api.ts"
import { consent } from "../harness/connect.ts"
import { moveClock } from "../harness/sandbox.ts"
import { answerDevice, firstWorkspace, ownerEmail, signInOnPage, startWithOwner } from "../harness/members.ts"
import { databases, type TestServer } from "../harness/server.ts"

const cli = fileURLToPath(new URL("../../node_modules/base44/bin/run.js", import.meta.url))

/** Six starts of a large program. */
const cliTimeoutMs = 120_000

interface Run {
  readonly process: ChildProcess
  /** What it has printed so far, on either stream. */
  readonly printed: () => string
  readonly ended: Promise<number | null>
}

describe.each(databases)("the published base44 command line on %s", (database) => {
  let server: TestServer
  let home: string

  beforeAll(async () => {
    server = await startWithOwner({ database })
    home = await mkdtemp(join(tmpdir(), "grantry-cli-home-"))
  })
  afterAll(async () => {
    await server.destroy()
    await rm(home, { recursive: true })
  })

  function run(...args: readonly string[]): Run {
    const env = {
      PATH: process.env["PATH"],
      HOME: home,
      BASE44_API_URL: server.url,
      BASE44_DISABLE_TELEMETRY: "1",
      NO_COLOR: "1",
      // Ten megabytes in one file: compiled once, not with every command.
      NODE_COMPILE_CACHE: join(import.meta.dirname, "../../node_modules/.cache/base44-cli"),
      // It would ask npm's registry for a newer version of itself, and wait for that.
      BASE44_CLI_TEST_OVERRIDES: '{"latestVersion":null}',
    }
    const child = spawn(process.execPath, [cli, ...args], {
      cwd: home,
      env,
      stdio: ["ignore", "pipe", "pipe"],
    })
    let text = ""
    for (const stream of [child.stdout, child.stderr])
      stream.on("data", (chunk: Buffer) => (text += chunk.toString()))
    const ended = new Promise<number | null>((resolve) => child.on("close", resolve))
    return { process: child, printed: () => text, ended }
  }

  async function userCodeOf({ ended, printed }: Run): Promise<string> {
    let isOver = false
    void ended.then(() => (isOver = true))
    while (!isOver) {
      const code = /[A-Z]{4}-[A-Z]{4}/.exec(printed())?.[0]
      if (code !== undefined) return code
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
    throw new Error(`no code was printed: ${printed()}`)
  }

  test(
    "login, whoami and workspace list work, and it renews its tokens by itself",
    async () => {
      const login = run("login")
      const userCode = await userCodeOf(login)
      expect(login.printed()).toContain(`${server.url}/device`)
      await answerDevice(await signInOnPage(server.url), server.url, userCode)
      expect([await login.ended, login.printed()]).toEqual([0, expect.stringContaining(ownerEmail)])

      const whoami = run("whoami")
      expect([await whoami.ended, whoami.printed()]).toEqual([0, expect.stringContaining(ownerEmail)])

      const list = run("workspace", "list")
      expect([await list.ended, list.printed()]).toEqual([
        0,
        expect.stringContaining(await firstWorkspace(server.url)),
      ])

      const authFile = join(home, ".base44/auth/auth.json")
      const before = await readFile(authFile, "utf8")
      await moveClock(server.url, 2 * 3_600_000)
      const later = run("workspace", "list")
      expect([await later.ended, later.printed()]).toEqual([0, expect.stringContaining("Personal")])
      expect(await readFile(authFile, "utf8")).not.toBe(before)
    },
    cliTimeoutMs,
  )

  test(
    "connectors list-available, initiate, push and pull work with the device login's token",
    async () => {
      const app = await createApp(server.url)
      const login = run("login")
      await answerDevice(await signInOnPage(server.url), server.url, await userCodeOf(login))
      expect(await login.ended).toBe(0)
      const connectors = async (...args: readonly string[]): Promise<string> => {
        const ran = run("connectors", ...args, "--app-id", app.id, "--json")
        expect([args, await ran.ended, ran.printed()]).toEqual([args, 0, expect.stringContaining("{")])
        return ran.printed()
      }
      expect(await connectors("list-available")).toContain('"slack"')
      const type = ["--integration-type", "slack", "--scopes", "chat:write"]
      const [, link = ""] = /"redirectUrl": ?"([^"]+)"/.exec(await connectors("initiate", ...type)) ?? []
      await consent(link)
      expect(await connectors("pull")).toContain("slack")
      expect(await connectors("push", "--yes")).toContain("synced")
    },
    cliTimeoutMs,
  )

  test(
    "a login that the member denies ends at once, with the reason",
    async () => {
      const login = run("login")
      await answerDevice(await signInOnPage(server.url), server.url, await userCodeOf(login), "deny")
      expect([await login.ended, login.printed()]).toEqual([1, expect.stringContaining("denied this login")])
    },
    cliTimeoutMs,
  )
})
