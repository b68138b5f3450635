/** A server whose master key is in a key service: moving there and back, and what happens while the service is away. */
import { randomBytes } from "node:crypto"
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest"
import { type Home, makeHome } from "../cli/run-cli.ts"
import { type Answer, call, createApp, type Credential, fetchToken, type TestApp } from "../harness/api.ts"
import { connectShared, consent } from "../harness/connect.ts"
import { startAwsKms } from "../harness/key-services/aws-kms.ts"
import type { EmulatedKeyService } from "../harness/key-services/emulated.ts"
import { startGcpKms } from "../harness/key-services/gcp-kms.ts"
import { startVaultTransit } from "../harness/key-services/vault-transit.ts"
import { type DatabaseKind, startTestServer, type TestServer } from "../harness/server.ts"
import { openRaw } from "../security/raw-database.ts"

// Commands are processes of their own, and the machine may be busy.
vi.setConfig({ testTimeout: 120_000 })

const local = (id: string) => `${id}:${randomBytes(32).toString("base64")}`
const readiness = async ({ url }: TestServer) =>
  call<{ reasons?: string[] }>(url, "GET", "/readyz", { as: null })

describe.each<[string, () => Promise<EmulatedKeyService>, DatabaseKind]>([
  ["AWS KMS", startAwsKms, "sqlite"],
  ["Google Cloud KMS", startGcpKms, "postgres"],
  ["Vault Transit", startVaultTransit, "sqlite"],
])("a master key in %s", (name, startService, database) => {
  let service: EmulatedKeyService
  let home: Home
  let server: TestServer | undefined
  let logs = ""
  beforeEach(async () => {
    service = await startService()
    // The libraries look for their credentials themselves.
    for (const [variable, value] of Object.entries(service.env)) vi.stubEnv(variable, value)
    home = await makeHome(service.env)
    logs = ""
  })
  afterEach(async () => {
    await server?.destroy()
    server = undefined
    await service.close()
    await home[Symbol.asyncDispose]()
    vi.unstubAllEnvs()
  })

  const envWith = (masterKey: string) => ({
    ...service.env,
    GRANTRY_MASTER_KEY: masterKey,
    GRANTRY_KEY_SERVICE_TIMEOUT_MS: "2000",
  })

  /** Ends the server that runs and starts one with other keys on the same data. */
  async function startWith(masterKey: string, from?: TestServer): Promise<TestServer> {
    await from?.stop()
    const options = { database, env: envWith(masterKey) }
    const started = await startTestServer(from ? { ...options, databaseUrl: from.databaseUrl } : options)
    logs += from?.logged() ?? ""
    return started
  }

  async function rotate(at: TestServer, masterKey: string): Promise<string> {
    const env = { ...envWith(masterKey), GRANTRY_DATABASE_URL: at.databaseUrl }
    const { code, stderr, stdout } = await home.run(["keys", "rotate"], { env })
    logs += stdout + stderr
    expect({ code, stderr }).toMatchObject({ code: 0 })
    return stdout
  }

  /** Everything that the service saw in plain text, and the data key in it. */
  function expectNoKeyIn(text: string): void {
    expect(service.plaintexts.length).toBeGreaterThan(0)
    for (const plaintext of service.plaintexts) {
      for (const part of [plaintext, plaintext.subarray(32)]) {
        for (const encoding of ["base64", "base64url", "hex", "latin1"] as const)
          expect(text.includes(part.toString(encoding))).toBe(false)
      }
    }
  }

  async function connected(at: TestServer): Promise<TestApp> {
    const app = await createApp(at.url)
    await connectShared(at.url, app, "slack")
    return app
  }

  /** Under a data key of its own. */
  async function connectedElsewhere(at: TestServer): Promise<TestApp & { readonly as: Credential }> {
    const post = <Body>(path: string, body: unknown, as?: Credential) =>
      call<Body>(at.url, "POST", path, { body, ...(as !== undefined && { as }) })
    const workspace = await post<{ id: string }>("/api/workspace/workspaces", { name: "Second" })
    const keys = `/api/workspace/${workspace.body.id}/api-keys`
    const as = { apiKey: (await post<{ key: string }>(keys, { name: "second" })).body.key }
    const app = await createApp(at.url, "Elsewhere", as)
    const initiate = `/api/apps/${app.id}/external-auth/initiate`
    const begun = await post<{ redirect_url: string }>(initiate, { integration_type: "slack" }, as)
    expect((await consent(begun.body.redirect_url)).status).toBe(200)
    return { ...app, as }
  }

  const read = (at: TestServer, app: TestApp): Promise<Answer<{ access_token: string; code?: string }>> =>
    fetchToken(at.url, app, "slack")

  test("is moved to from a local key and back by a rotation, and nothing has to be connected again", async () => {
    const [before, after] = [local("k1"), local("k3")]
    const inService = `k2:${service.address}`
    server = await startWith(before)
    const app = await connected(server)
    const token = (await read(server, app)).body.access_token

    const moves = [
      [`${inService},${before}`, "k2"],
      [`${after},${inService}`, "k3"],
    ] as const
    for (const [keys, first] of moves) {
      const previous: TestServer = server
      server = await startWith(keys, previous)
      expect((await read(server, app)).body.access_token).toBe(token)
      expect(await rotate(server, keys)).toContain(`data keys are wrapped by "${first}" now`)
      // With the new one alone.
      const alone = keys.split(",")[0] ?? ""
      server = await startWith(alone, server)
      expect((await read(server, app)).body.access_token).toBe(token)
      await connected(server)
    }
    logs += server.logged()
    expectNoKeyIn(logs)
    const rows = await openRaw(server.databaseUrl, (raw) => raw.dump())
    expectNoKeyIn(JSON.stringify(rows))
  })

  test("that is away keeps a server from starting, which says which key and why; so does another key", async () => {
    const key = `k1:${service.address}`
    server = await startWith(key)
    const { databaseUrl } = server
    await server.stop()
    const start = (masterKey: string) => startTestServer({ database, databaseUrl, env: envWith(masterKey) })
    await expect(start(`k1:${service.otherAddress}`)).rejects.toThrow(/master key "k1" .* is not the one/)
    await expect(start(local("k1"))).rejects.toThrow(/master key "k1" .* is not the one/)
    service.fault = "denied"
    await expect(start(key)).rejects.toThrow(
      new RegExp(`master key "k1" in ${name} cannot be used: .*(denied|not authorized)`, "i"),
    )
    service.fault = null
    await service.goAway()
    await expect(start(key)).rejects.toThrow(`the master key "k1" in ${name} cannot be used`)
    const env = { ...envWith(key), GRANTRY_DATABASE_URL: databaseUrl, GRANTRY_PORT: "0" }
    const ran = await home.run(["serve", "--data-dir", "data"], { env })
    expect(ran.code).toBe(2)
    expect(ran.stderr).toMatch(new RegExp(`^the master key "k1" in ${name} cannot be used: .*\n$`))
    await service.comeBack()
    await server.restart()
  })

  test("that goes away later takes nothing from memory, is told from a lost token, and kills no connection", async () => {
    server = await startWith(`k1:${service.address}`)
    const here = await connected(server)
    const there = await connectedElsewhere(server)
    const tokens = [
      (await read(server, here)).body.access_token,
      (await read(server, there)).body.access_token,
    ]
    await server.restart()
    expect((await read(server, here)).body.access_token).toBe(tokens[0])

    await service.goAway()
    const refused = await read(server, there)
    expect(refused).toMatchObject({ status: 503, body: { code: "KEY_SERVICE_UNAVAILABLE" } })
    expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(0)
    for (let reads = 0; reads < 20; reads += 1)
      expect((await read(server, here)).body.access_token).toBe(tokens[0])
    const path = `/api/apps/${there.id}/external-auth/list`
    expect((await call(server.url, "GET", path, { as: there.as })).body).toMatchObject({
      integrations: [{ integration_type: "slack", status: "active" }],
    })
    expect(await readiness(server)).toMatchObject({
      status: 200,
      body: { status: "degraded", reasons: ["key_service_unavailable"] },
    })

    await service.comeBack()
    const at = server
    await expect
      .poll(async () => (await read(at, there)).body.access_token, { timeout: 30_000 })
      .toBe(tokens[1])
    expect((await readiness(server)).body).toMatchObject({ status: "ok", reasons: [] })
    expectNoKeyIn(server.logged())
  })
})
