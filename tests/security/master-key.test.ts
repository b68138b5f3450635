/** SECURITY.md line 17: with another master key nothing starts and nothing changes. */
import { randomBytes } from "node:crypto"
import { readdir } from "node:fs/promises"
import { afterEach, describe, expect, test } from "vitest"
import { builtInCatalog } from "@grantry/catalog"
import { ConfigError, readConfig, startServer } from "@grantry/server"
import { pino } from "pino"
import { createApp, fetchToken, type TestApp } from "../harness/api.ts"
import { connectShared } from "../harness/connect.ts"
import { databases, ownerKey, startTestServer, type TestServer } from "../harness/server.ts"
import { openRaw } from "./raw-database.ts"

const key = () => randomBytes(32).toString("base64")
const known = { types: builtInCatalog.all().map(({ type }) => type), families: ["google"] }

describe.each(databases)("the master key on %s", (database) => {
  let server: TestServer | undefined
  afterEach(() => server?.destroy())

  interface Stopped {
    readonly server: TestServer
    readonly app: TestApp
    readonly token: string
    readonly masterKey: string
  }

  /** A server with one connection, stopped. */
  async function stopped(): Promise<Stopped> {
    const masterKey = `k1:${key()}`
    const started = await startTestServer({ database, env: { GRANTRY_MASTER_KEY: masterKey } })
    server = started
    const app = await createApp(started.url)
    await connectShared(started.url, app, "slack")
    const token = (await fetchToken(started.url, app, "slack")).body.access_token
    await started.stop()
    return { server: started, app, token, masterKey }
  }

  const start = (at: Stopped, masterKey: string) =>
    startServer(
      readConfig(
        {
          GRANTRY_PORT: "0",
          GRANTRY_DATA_DIR: at.server.dataDir,
          GRANTRY_DATABASE_URL: at.server.databaseUrl,
          GRANTRY_BOOTSTRAP_API_KEY: ownerKey,
          GRANTRY_MASTER_KEY: masterKey,
        },
        known,
      ),
      pino({ level: "silent" }),
    )

  const dump = (at: Stopped) => openRaw(at.server.databaseUrl, (raw) => raw.dump())

  test.each([
    [
      "another key under the same id",
      () => `k1:${key()}`,
      /master key "k1" in GRANTRY_MASTER_KEY is not the one/,
    ],
    [
      "another key under another id",
      () => `k2:${key()}`,
      /wrapped by the master key "k1", which is not in GRANTRY_MASTER_KEY/,
    ],
    ["a new key in front of a wrong old one", () => `k2:${key()},k1:${key()}`, /master key "k1"/],
  ])("%s refuses to start, says which, and changes nothing", async (_, wrong, message) => {
    const at = await stopped()
    const before = await dump(at)
    const files = await readdir(at.server.dataDir)
    await expect(start(at, wrong())).rejects.toThrow(message)
    expect(await dump(at)).toEqual(before)
    expect((await readdir(at.server.dataDir)).filter((name) => !name.startsWith("grantry.db"))).toEqual(
      files.filter((name) => !name.startsWith("grantry.db")),
    )
    // The right key still opens everything.
    const running = await start(at, at.masterKey)
    expect((await fetchToken(running.url, at.app, "slack")).body.access_token).toBe(at.token)
    await running.close()
  })

  test("with a new key in front of the old one both open", async () => {
    const at = await stopped()
    const running = await start(at, `k2:${key()},${at.masterKey}`)
    expect((await fetchToken(running.url, at.app, "slack")).body.access_token).toBe(at.token)
    await running.close()
  })
})

test.each([
  ["missing in production", { NODE_ENV: "production", GRANTRY_PUBLIC_URL: "https://grantry.example" }],
  ["short", { GRANTRY_MASTER_KEY: `k1:${randomBytes(16).toString("base64")}` }],
  ["without an id", { GRANTRY_MASTER_KEY: key() }],
  ["not base64", { GRANTRY_MASTER_KEY: "k1:not base64 at all" }],
  [
    "empty in production",
    { NODE_ENV: "production", GRANTRY_PUBLIC_URL: "https://grantry.example", GRANTRY_MASTER_KEY: "" },
  ],
])("a master key that is %s is refused by name, without quoting it", (_, env: Record<string, string>) => {
  const secret = env["GRANTRY_MASTER_KEY"]?.split(":").at(-1) ?? ""
  const read = () => readConfig(env, known)
  expect(read).toThrow(ConfigError)
  expect(read).toThrow(/GRANTRY_MASTER_KEY/)
  if (secret.length > 8) expect(read).not.toThrow(secret)
})
