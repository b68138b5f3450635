import { stat } from "node:fs/promises"
import { join } from "node:path"
import { afterEach, beforeEach, expect, test, vi } from "vitest"
import { startTestServer, ownerKey } from "../harness/server.ts"
import { type DeviceServer, startDeviceServer, userCode } from "./device-server.ts"
import { type Home, makeHome } from "./run-cli.ts"

// Each command is a process of its own, and the machine may be busy.
vi.setConfig({ testTimeout: 90_000 })

const file = ".config/grantry/credentials.json"

let home: Home
let server: DeviceServer
beforeEach(async () => {
  server = await startDeviceServer()
  home = await makeHome({ GRANTRY_URL: server.url })
})
afterEach(async () => {
  await home[Symbol.asyncDispose]()
  await server[Symbol.asyncDispose]()
})

async function signIn(): Promise<void> {
  server.approve()
  const { code, stderr } = await home.run(["login", "--no-browser"])
  expect({ code, stderr }).toEqual({
    code: 0,
    stderr: `Confirm the code ${userCode} at ${server.url}/device\n`,
  })
}

test("a device login is shown, awaited and kept for this user alone", async () => {
  const waiting = home.run(["login", "--no-browser"])
  setTimeout(() => server.approve(), 1_500)
  const { code, stdout } = await waiting
  expect({ code, stdout }).toEqual({ code: 0, stdout: `Signed in at ${server.url} as ada@example.com.\n` })
  expect((await stat(join(home.path, file))).mode & 0o777).toBe(0o600)
  expect((await stat(join(home.path, ".config/grantry"))).mode & 0o777).toBe(0o700)
  expect((await home.run(["whoami"])).stdout).toContain("ada@example.com")
})

test("the server of the last login is the one that commands call", async () => {
  await signIn()
  const { stdout } = await home.run(["whoami"], { env: { GRANTRY_URL: "" } })
  expect(stdout).toContain(`ada@example.com at ${server.url}`)
})

test("a refused code ends the login with the reason", async () => {
  server.deny()
  const { code, stderr } = await home.run(["login", "--no-browser"])
  expect(code).toBe(1)
  expect(stderr).toContain("access_denied")
})

test("slow_down is waited out", async () => {
  server.set({ slowDowns: 1 })
  await signIn()
}, 30_000)

test("commands that run at once share one refresh, although refresh tokens are good for once", async () => {
  server.set({ lifetimeS: 30 })
  await signIn()
  server.set({ lifetimeS: 3600 })
  const answers = await Promise.all(Array.from({ length: 4 }, () => home.run(["whoami"])))
  expect(answers.map(({ code, stderr }) => ({ code, stderr }))).toEqual(
    Array.from({ length: 4 }, () => ({ code: 0, stderr: "" })),
  )
  expect(server.refreshes()).toBe(1)
})

test("a login that is over says how to begin a new one", async () => {
  server.set({ lifetimeS: 30 })
  await signIn()
  const stored = JSON.parse(await home.read(file)) as { servers: Record<string, { refreshToken: string }> }
  for (const one of Object.values(stored.servers)) one.refreshToken = "refresh-0"
  await home.write(file, JSON.stringify(stored))
  const { code, stderr } = await home.run(["whoami"])
  expect(code).toBe(1)
  expect(stderr).toContain("is over")
  expect(stderr).toContain(`grantry login --url ${server.url}`)
})

test("a logout forgets the login", async () => {
  await signIn()
  expect((await home.run(["logout"])).stdout).toBe(`Signed out at ${server.url}.\n`)
  expect(await home.read(file)).not.toContain("refresh-")
  expect((await home.run(["whoami"])).stderr).toContain("You are not signed in")
})

test("an API key comes from a pipe, is tried out, and is never shown", async () => {
  const real = await startTestServer({ database: "sqlite" })
  try {
    const env = { GRANTRY_URL: real.url }
    const wrong = await home.run(["login", "--api-key"], { env, input: `${ownerKey.slice(0, -1)}x\n` })
    expect(wrong.code).toBe(1)
    const right = await home.run(["login", "--api-key"], { env, input: `${ownerKey}\n` })
    expect(right).toEqual({ code: 0, stdout: `Signed in at ${real.url} with an API key.\n`, stderr: "" })
    const who = await home.run(["whoami"], { env })
    expect(who.stdout).toContain("API key b44k_")
    expect(who.stdout + wrong.stderr).not.toContain(ownerKey.slice(10))
    const argument = await home.run(["login", "--api-key", ownerKey], { env })
    expect(argument.code).toBe(2)
    expect(argument.stdout + argument.stderr).not.toContain(ownerKey)
  } finally {
    await real.destroy()
  }
})

test("a project's file does not choose where credentials go", async () => {
  await signIn()
  await home.write("project/.grantry.json", JSON.stringify({ app: "app_1", url: "http://127.0.0.1:9" }))
  const { stdout } = await home.run(["whoami"], { cwd: "project", env: { GRANTRY_URL: "" } })
  expect(stdout).toContain(server.url)
})
