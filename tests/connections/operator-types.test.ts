/** An operator's own connector type: the worked example of docs/adding-a-service.md, run as it stands there. */
import { spawn } from "node:child_process"
import { once } from "node:events"
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import type { Catalog } from "@grantry/catalog"
import { loadCatalog, readCatalogDir } from "@grantry/server"
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest"
import { call, createApp, fetchToken, type TestApp } from "../harness/api.ts"
import { connectShared, initiate } from "../harness/connect.ts"
import { callProvider, liveTokens, moveClock, requestsTo, setFault } from "../harness/sandbox.ts"
import { databases, ownerKey, startTestServer, type TestServer } from "../harness/server.ts"

const type = "acme_crm"
const config = { subdomain: "my-company" }
const root = join(import.meta.dirname, "../..")
const guide = readFileSync(join(root, "docs/adding-a-service.md"), "utf8")

/** The first fenced block of a language in the guide. */
function example(language: string): string {
  return new RegExp(`^\`\`\`${language}\\n([^]*?)^\`\`\`$`, "m").exec(guide)?.[1] ?? ""
}

function exampleFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "grantry-own-types-"))
  writeFileSync(join(folder, `${type}.json`), example("json"))
  return folder
}

describe.each(databases)("an operator's own type on %s", (database) => {
  const folder = exampleFolder()
  let catalog: Catalog
  let server: TestServer
  let app: TestApp
  beforeAll(async () => {
    catalog = await loadCatalog(readCatalogDir({ GRANTRY_CATALOG_DIR: folder }))
    server = await startTestServer({ database, catalog })
    app = await createApp(server.url)
  })
  afterAll(async () => {
    await server.destroy()
    rmSync(folder, { recursive: true })
  })

  test("goes through connect, token, API call, expiry, refresh and disconnect like a built-in one", async () => {
    await connectShared(server.url, app, type, { config })
    const first = await fetchToken(server.url, app, type)
    expect(first).toMatchObject({
      status: 200,
      body: {
        integration_type: type,
        connection_config: { ...config, shard: "sandbox.api.acme.example" },
        account: { id: "my-company:sandbox-1", label: "ada@example.com" },
        missing_scopes: [],
      },
    })
    const callApi = (token: string) =>
      callProvider(server.url, type, "https://sandbox.api.acme.example/v2/customers", token)
    expect(await callApi(first.body.access_token)).toBe(200)

    await moveClock(server.url, 3_601_000)
    expect(await callApi(first.body.access_token)).toBe(401)
    const second = await fetchToken(server.url, app, type)
    expect(await callApi(second.body.access_token)).toBe(200)
    expect(await requestsTo(server.url, type, "refresh")).toHaveLength(1)

    const path = `/api/apps/${app.id}/external-auth/integrations/${type}`
    expect(await call(server.url, "DELETE", path)).toMatchObject({
      status: 200,
      body: { revoked: "revoked" },
    })
    expect(await liveTokens(server.url, type)).toEqual([])
    expect(await fetchToken(server.url, app, type)).toMatchObject({
      status: 404,
      body: { code: "NOT_FOUND" },
    })
  })

  test("understands the sandbox's words for a dead grant at its own error paths", async () => {
    const other = await createApp(server.url, "Another app")
    await connectShared(server.url, other, type, { config, account: "grace@example.com" })
    await moveClock(server.url, 3_601_000)
    await setFault(server.url, type, "wrong_client")
    expect(await fetchToken(server.url, other, type)).toMatchObject({
      status: 503,
      body: { code: "OAUTH_CLIENT_REJECTED" },
    })
    await moveClock(server.url, 3_601_000)
    await setFault(server.url, type, "invalid_grant")
    expect(await fetchToken(server.url, other, type)).toMatchObject({
      status: 409,
      body: { code: "RECONNECT_REQUIRED" },
    })
  })

  test("is listed wherever the built-in ones are", async () => {
    const listed = await call<{ integrations: { integration_type: string }[] }>(
      server.url,
      "GET",
      "/api/external-auth/available-integrations",
    )
    expect(listed.body.integrations).toHaveLength(catalog.all().length)
    expect(listed.body.integrations.find((one) => one.integration_type === type)).toEqual({
      integration_type: type,
      display_name: "Acme CRM",
      description: "Customers and deals of Acme.",
      connection_config_fields: [
        expect.objectContaining({ name: "subdomain", required: true, placeholder: "my-company" }),
      ],
    })
    const told = await call<{ connector_types: { integration_type: string }[] }>(
      server.url,
      "GET",
      "/api/external-auth/connector-types",
    )
    expect(told.body.connector_types).toHaveLength(catalog.all().length)
    expect(told.body.connector_types.find((one) => one.integration_type === type)).toMatchObject({
      category: "sales",
      refreshable: true,
      revocable: true,
      setup: { register_url: expect.stringMatching(/^https:/) },
    })
    const redirects = await call(server.url, "GET", `/api/apps/${app.id}/oauth-redirect-uris`)
    expect(JSON.stringify(redirects.body)).toContain(`sandbox-${type}`)
    expect(await (await fetch(`${server.url}/sandbox`)).text()).toContain("Acme CRM")
    const misspelt = await fetchToken(server.url, app, "acme_crn")
    expect(misspelt).toMatchObject({ status: 404, body: { code: "UNKNOWN_CONNECTOR_TYPE" } })
    expect(misspelt.body.detail).toContain(type)
  })

  test("confines what it asks for as the built-in ones do", async () => {
    for (const subdomain of ["evil.example/#", "a@b", "-a", "xn--a"]) {
      expect(
        await initiate(server.url, app, type, { connection_config: { subdomain } }),
        subdomain,
      ).toMatchObject({
        code: "INVALID_REQUEST",
      })
    }
  })
})

describe("the process", () => {
  test("reads the operator's own types before the variables that name their OAuth clients", async () => {
    const folder = exampleFolder()
    onTestFinished(() => rmSync(folder, { recursive: true }))
    const client = {
      GRANTRY_ACME_CRM_CLIENT_ID: "id-of-acme",
      GRANTRY_ACME_CRM_CLIENT_SECRET: "secret-of-acme",
    }
    const own = await startProcess({ GRANTRY_CATALOG_DIR: folder, ...client })
    const app = await createApp(own.url)
    const { redirect_url: page } = await initiate(own.url, app, type, { connection_config: config })
    expect(await (await fetch(page ?? "")).text()).toContain("Acme CRM")
    const redirects = await call(own.url, "GET", `/api/apps/${app.id}/oauth-redirect-uris`)
    expect(JSON.stringify(redirects.body)).not.toContain(`sandbox-${type}`)
    const without = await endOf({ ...client })
    expect(without).toMatchObject({ code: 2 })
    expect(without.said).toContain("GRANTRY_ACME_CRM_CLIENT_ID")
  })

  test("ends with code 2 and the place of every problem when a file cannot be used", async () => {
    const folder = exampleFolder()
    onTestFinished(() => rmSync(folder, { recursive: true }))
    writeFileSync(join(folder, "broken.json"), "{\n  oops\n}\n")
    writeFileSync(join(folder, "slack.json"), example("json"))
    const { code, said } = await endOf({ GRANTRY_CATALOG_DIR: folder })
    expect(code).toBe(2)
    expect(said.trim().split("\n")).toEqual([
      `${folder}/broken.json:2:3 is not JSON: invalid symbol`,
      `${folder}/slack.json:3:11 the type is acme_crm, but the file is slack.json: a file bears the name of its type`,
    ])
  })

  test("ends with code 2 when the folder does not exist", async () => {
    const { code, said } = await endOf({ GRANTRY_CATALOG_DIR: join(tmpdir(), "grantry-no-such-folder") })
    expect(code).toBe(2)
    expect(said).toMatch(/^GRANTRY_CATALOG_DIR is ".*grantry-no-such-folder", but it must be a folder/)
  })
})

test("the guide's entry in TypeScript is one of the repository, to the letter", () => {
  const [, file = ""] = /This is `(packages\/catalog\/src\/services\/[a-z-]+\.ts)`, whole:/.exec(guide) ?? []
  expect(example("ts")).toBe(readFileSync(join(root, file), "utf8"))
})

function spawnServer(env: Readonly<Record<string, string>>) {
  const dataDir = mkdtempSync(join(tmpdir(), "grantry-process-"))
  const child = spawn(
    process.execPath,
    ["--conditions=grantry-source", join(root, "packages/server/src/main.ts")],
    {
      env: { GRANTRY_PORT: "0", GRANTRY_DATA_DIR: dataDir, GRANTRY_BOOTSTRAP_API_KEY: ownerKey, ...env },
      stdio: ["ignore", "ignore", "pipe"],
    },
  )
  const ended = once(child, "exit")
  onTestFinished(async () => {
    child.kill()
    await ended
    rmSync(dataDir, { recursive: true })
  })
  return { child, ended }
}

/** What a process says that does not come up. */
async function endOf(
  env: Readonly<Record<string, string>>,
): Promise<{ readonly code: unknown; readonly said: string }> {
  const { child, ended } = spawnServer(env)
  let said = ""
  child.stderr.setEncoding("utf8").on("data", (text: string) => (said += text))
  const [code]: unknown[] = await ended
  return { code, said }
}

async function startProcess(env: Readonly<Record<string, string>>): Promise<{ readonly url: string }> {
  const { child, ended } = spawnServer(env)
  let said = ""
  const url = new Promise<string>((resolve) => {
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      said += text
      const [, found] = /Grantry listens at (\S+)\s/.exec(said) ?? []
      if (found !== undefined) resolve(found)
    })
  })
  const failed = ended.then(() => Promise.reject(new Error(`the server ended: ${said}`)))
  return { url: await Promise.race([url, failed]) }
}
