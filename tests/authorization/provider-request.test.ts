/** SECURITY.md lines 4, 5 and 7: what is sent to the provider, and that nobody but the configuration decides it. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest"
import { call, createApp, type TestApp } from "../harness/api.ts"
import { TestBrowser } from "../harness/browser.ts"
import type { BeginBody } from "../harness/connect.ts"
import { requestsTo } from "../harness/sandbox.ts"
import { startTestServer, type TestServer } from "../harness/server.ts"
import { begin, begunOf, click, decideAt, formOf, locationOf } from "./steps.ts"

const forwarded = {
  host: "evil.example",
  forwarded: "host=evil.example;proto=https",
  "x-forwarded-host": "evil.example",
  "x-forwarded-proto": "https",
  "x-forwarded-port": "1",
  "x-original-host": "evil.example",
}

describe("what is sent to the provider", () => {
  let server: TestServer
  let app: TestApp
  let browser: TestBrowser
  beforeAll(async () => {
    server = await startTestServer({ database: "sqlite" })
  })
  beforeEach(async () => {
    app = await createApp(server.url)
    browser = new TestBrowser()
  })
  afterAll(() => server.destroy())

  test.each(["googlecalendar", "dropbox", "salesforce", "github"])(
    "%s: a PKCE challenge by S256, and its verifier with the code",
    async (type) => {
      const sent = await click(browser, (await begin(server.url, app, type)).link)
      expect(sent.searchParams.get("code_challenge_method")).toBe("S256")
      expect(sent.searchParams.get("code_challenge")).toMatch(/^[\w-]{43}$/)
      await browser.open((await decideAt(browser, sent)).href)
      const [exchange] = (await requestsTo(server.url, type, "token")).slice(-1)
      expect(exchange).toMatchObject({
        outcome: "ok",
        params: { code_verifier: expect.stringMatching(/^sha256:/) },
      })
    },
  )

  test.each(["slack", "slackbot", "notion"])("%s: no PKCE, which it does not take", async (type) => {
    const sent = await click(browser, (await begin(server.url, app, type)).link)
    expect([...sent.searchParams.keys()].filter((name) => name.startsWith("code_challenge"))).toEqual([])
    await browser.open((await decideAt(browser, sent)).href)
    const [exchange] = (await requestsTo(server.url, type, "token")).slice(-1)
    expect(exchange).toMatchObject({ outcome: "ok" })
    expect(exchange?.["params"]).not.toHaveProperty("code_verifier")
  })

  test("the state and the challenge are new with every click", async () => {
    const { link } = await begin(server.url, app, "googlecalendar")
    const seen = new Set<string | null>()
    for (let clicks = 0; clicks < 5; clicks += 1) {
      const { searchParams } = await click(browser, link)
      expect(searchParams.get("state")).toMatch(/^[\w-]{43}$/)
      seen.add(searchParams.get("state")).add(searchParams.get("code_challenge"))
    }
    expect(seen.size).toBe(10)
  })

  test("Host and forwarded headers change neither the link nor the redirect URI", async () => {
    const begun = await rawPost(server.url, `/api/apps/${app.id}/external-auth/initiate`, {
      integration_type: "slack",
    })
    expect(new URL(begunOf(begun).link).origin).toBe(new URL(server.url).origin)
    const page = await browser.request(begunOf(begun).link, { headers: forwarded })
    expect(page.html).not.toContain("evil.example")
    const form = formOf(page)
    const answer = await browser.request(new URL(form.action, page.url).href, {
      method: "POST",
      headers: { "content-type": "application/x-www-form-urlencoded", ...forwarded },
      body: form.fields.toString(),
    })
    const sent = locationOf(answer)
    expect(sent.origin).toBe(new URL(server.url).origin)
    expect(sent.searchParams.get("redirect_uri")).toBe(
      `${server.url}/api/external-auth/callback/sandbox-slack`,
    )
  })

  test("the query of the connect link changes nothing: neither scopes nor redirect URI nor state", async () => {
    const { link } = await begin(server.url, app, "googlecalendar")
    const plain = await click(browser, link)
    const bent = await click(
      browser,
      `${link}?scope=everything&redirect_uri=https://evil.example&state=mine&client_id=x`,
    )
    for (const name of ["scope", "redirect_uri", "client_id"])
      expect(bent.searchParams.get(name)).toBe(plain.searchParams.get(name))
    expect(bent.searchParams.get("state")).not.toBe("mine")
  })

  test("further fields of the connect form change nothing either", async () => {
    const { link } = await begin(server.url, app, "googlecalendar")
    const plain = await click(browser, link)
    const bent = await click(browser, link, {
      scope: "everything",
      scopes: "everything",
      redirect_uri: "https://evil.example",
      client_id: "x",
    })
    for (const name of ["scope", "redirect_uri", "client_id"])
      expect(bent.searchParams.get(name)).toBe(plain.searchParams.get(name))
  })

  test("each connector has a redirect URI of its own", async () => {
    const workspace = await call<{ workspaces: { id: string }[] }>(
      server.url,
      "GET",
      "/api/workspace/workspaces",
    )
    const path = `/api/workspace/${workspace.body.workspaces[0]?.id}/connectors`
    const one = await call<{ id: string; redirect_uri: string }>(server.url, "POST", path, {
      body: { integration_type: "notion", name: "one" },
    })
    const two = await call<{ id: string; redirect_uri: string }>(server.url, "POST", path, {
      body: { integration_type: "notion", name: "two" },
    })
    expect(one.body.redirect_uri).toBe(`${server.url}/api/external-auth/callback/${one.body.id}`)
    expect(two.body.redirect_uri).not.toBe(one.body.redirect_uri)
    const sent = await click(
      browser,
      (await begin(server.url, app, "notion", { connector_id: two.body.id })).link,
    )
    expect(sent.searchParams.get("redirect_uri")).toBe(two.body.redirect_uri)
  })

  test("a code of one connector is worth nothing at the redirect URI of another", async () => {
    const workspace = await call<{ workspaces: { id: string }[] }>(
      server.url,
      "GET",
      "/api/workspace/workspaces",
    )
    const path = `/api/workspace/${workspace.body.workspaces[0]?.id}/connectors`
    const other = await call<{ id: string }>(server.url, "POST", path, {
      body: { integration_type: "github", name: "other" },
    })
    const third = await call<{ id: string }>(server.url, "POST", path, {
      body: { integration_type: "github", name: "third" },
    })
    const before = (await requestsTo(server.url, "github", "token")).length
    const callback = await decideAt(
      browser,
      await click(browser, (await begin(server.url, app, "github", { connector_id: third.body.id })).link),
    )
    callback.pathname = callback.pathname.replace(third.body.id, other.body.id)
    expect((await browser.open(callback.href)).status).toBe(400)
    expect((await requestsTo(server.url, "github", "token")).length).toBe(before)
  })
})

async function rawPost(base: string, path: string, body: Record<string, unknown>): Promise<BeginBody> {
  return (await call<BeginBody>(base, "POST", path, { body, headers: forwarded })).body
}
