import { mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import { bearer, inBody, redirectUri, startDriver } from "../test-support/driver.ts"
import type { Driver } from "../test-support/driver.ts"
import { createSandboxClock } from "./sandbox-clock.ts"

const authorizeUrl = "https://slack.com/oauth/v2/authorize"
const tokenUrl = "https://slack.com/api/oauth.v2.access"

let folder: string
let path: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "grantry-sandbox-"))
  path = join(folder, "sandbox.json")
})
afterEach(() => rm(folder, { recursive: true }))

async function connect(driver: Driver) {
  const code = await driver.code("slackbot", authorizeUrl, { scope: "chat:write" })
  return (await driver.post("slackbot", tokenUrl, { code, redirect_uri: redirectUri, ...inBody("slackbot") }))
    .json
}

const refresh = (driver: Driver, token: unknown) =>
  driver.post("slackbot", tokenUrl, {
    grant_type: "refresh_token",
    refresh_token: String(token),
    ...inBody("slackbot"),
  })

const test = (driver: Driver, token: unknown) =>
  driver.call("slackbot", "https://slack.com/api/auth.test", { method: "POST", headers: bearer(token) })

describe("the saved state", () => {
  it("keeps grants, used refresh tokens and settings over a restart", async () => {
    const first = await startDriver({ persistPath: path })
    await first.control("client", { type: "slackbot", settings: { reuse_ends_grant: true } })
    const granted = await connect(first)
    const renewed = (await refresh(first, granted["refresh_token"])).json
    await first.close()
    const second = await startDriver({ persistPath: path })
    expect((await test(second, renewed["access_token"])).json["ok"]).toBe(true)
    expect((await refresh(second, granted["refresh_token"])).json["error"]).toBe("invalid_refresh_token")
    expect((await test(second, renewed["access_token"])).json["error"]).toBe("token_revoked")
    await second.close()
  })

  it("never lets time run backwards", async () => {
    const first = await startDriver({ persistPath: path, clock: createSandboxClock(() => 1_000_000) })
    const granted = await connect(first)
    await first.control("clock", { advance_ms: 43_200_000 })
    await refresh(first, granted["refresh_token"])
    await first.close()
    const clock = createSandboxClock(() => 1_000_000)
    const second = await startDriver({ persistPath: path, clock })
    expect(clock.now()).toBe(44_200_000)
    expect((await test(second, granted["access_token"])).json["error"]).toBe("token_expired")
    await second.close()
  })

  it("is readable by its owner alone and leaves no other file", async () => {
    const driver = await startDriver({ persistPath: path })
    await connect(driver)
    await driver.close()
    expect((await stat(path)).mode & 0o777).toBe(0o600)
    expect(await readdir(folder)).toEqual(["sandbox.json"])
  })

  it("is written soon after a change, without waiting for the end", async () => {
    const driver = await startDriver({ persistPath: path })
    await connect(driver)
    const saved = async () => (await readFile(path, "utf8").catch(() => "")).includes("chat:write")
    for (let turn = 0; turn < 100 && !(await saved()); turn++)
      await new Promise((resolve) => setTimeout(resolve, 20))
    expect(await saved()).toBe(true)
    await driver.close()
  })

  it.each([
    ["half a file", '{"version":1,'],
    ["another version", '{"version":2}'],
    ["a list", "[]"],
  ])("is put aside when it is %s", async (_case, text) => {
    await writeFile(path, text)
    const driver = await startDriver({ persistPath: path })
    expect((await connect(driver))["ok"]).toBe(true)
    await driver.close()
    expect((await readdir(folder)).toSorted()).toEqual(["sandbox.json", "sandbox.json.unreadable"])
  })
})
