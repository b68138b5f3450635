/** `npm run demo`, as it is, in processes of its own. */
import { type ChildProcess, spawn } from "node:child_process"
import { once } from "node:events"
import { mkdtemp, readdir, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterEach, beforeEach, expect, test } from "vitest"

const demoFile = join(import.meta.dirname, "../../examples/demo/demo.ts")

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "grantry-demo-test-"))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

interface Run {
  readonly process: ChildProcess
  readonly said: () => string
  readonly ended: Promise<unknown>
}

function startDemo(env: Readonly<Record<string, string>>): Run {
  const child = spawn(process.execPath, ["--conditions=grantry-source", demoFile], {
    env: { PATH: process.env["PATH"], TMPDIR: folder, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  })
  let said = ""
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => (said += text))
  }
  return { process: child, said: () => said, ended: once(child, "close") }
}

const serverUrl = (run: Run): string => /It listens at (\S+)/.exec(run.said())?.[1] ?? ""

async function isListening(url: string): Promise<boolean> {
  try {
    const response = await fetch(`${url}/healthz`)
    await response.body?.cancel()
    return true
  } catch (error) {
    if (error instanceof TypeError) return false
    throw error
  }
}

test("the demo does the whole job, tells it without a secret, and leaves nothing behind", async () => {
  // Settings of another server that runs on the same machine.
  const foreign = { NODE_ENV: "production", GRANTRY_PORT: "1", GRANTRY_DATA_DIR: join(folder, "not-ours") }
  const run = startDemo(foreign)
  await run.ended
  expect(run.said()).toContain("Google Calendar's API takes it: HTTP 200")
  expect(run.said()).toContain("20 calls at once get the same token")
  expect(run.said()).toContain("Two hours later it is a new one")
  expect(run.said()).toContain("The user disconnects, and the backend gets a NotConnectedError")
  expect(run.said()).toContain("The SDK throws a NotConnectedError with code NOT_FOUND")
  expect(run.said()).toMatch(/Done\n.*stopped/)
  expect(run.process.exitCode).toBe(0)
  expect(run.said()).not.toMatch(/(gsk_|b44k_|ya29\.|xox)[\w.-]{8,}/)
  expect(await readdir(folder)).toEqual([])
  expect(await isListening(serverUrl(run))).toBe(false)
})

test("a demo that cannot do its job says why in one line and exits with 1", async () => {
  const run = startDemo({ TMPDIR: join(folder, "missing") })
  await run.ended
  expect(run.process.exitCode).toBe(1)
  expect(run.said()).toMatch(/\nThe demo failed: ENOENT[^\n]*\n$/)
})

test("a demo that is interrupted stops its server and deletes its database", async () => {
  const run = startDemo({})
  const deadline = performance.now() + 30_000
  while (serverUrl(run) === "" && performance.now() < deadline) {
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
  expect(await isListening(serverUrl(run))).toBe(true)
  run.process.kill("SIGINT")
  await run.ended
  expect(run.process.exitCode).toBe(1)
  expect(run.said()).toContain("The demo failed: interrupted by SIGINT")
  expect(await isListening(serverUrl(run))).toBe(false)
  expect(await readdir(folder)).toEqual([])
})
