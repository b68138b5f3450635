/** What comes back from `oidc-provider`, and what somebody makes of it on the way. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest"
import { call, fetchToken, type TestApp } from "../harness/api.ts"
import { TestBrowser } from "../harness/browser.ts"
import { type BeginBody, initiate } from "../harness/connect.ts"
import { databases } from "../harness/server.ts"
import { issuer } from "./openid-connector.ts"
import { callbackOf, consentTo, freshApp, type OpenIdSetup, startOpenIdSetup } from "./openid-setup.ts"

const type = "openid_basic"

const forgeries: readonly [string, (callback: URL) => void][] = [
  ["without the issuer that the provider always sends", ({ searchParams }) => searchParams.delete("iss")],
  ["with another issuer", ({ searchParams }) => searchParams.set("iss", "https://evil.test")],
  ["with an issuer that differs by a slash", ({ searchParams }) => searchParams.set("iss", `${issuer}/`)],
  ["with two issuers", ({ searchParams }) => searchParams.append("iss", "https://evil.test")],
  ["with another state", ({ searchParams }) => searchParams.set("state", "A".repeat(43))],
  [
    "at the redirect URI of another connector",
    (callback) =>
      (callback.pathname = callback.pathname.replace("operator-openid_basic", "operator-openid_post")),
  ],
]

/** The state was not seen in these, so the genuine callback still counts. */
const stateUnseen: ReadonlySet<string> = new Set(["with two issuers", "with another state"])

describe.each(databases)("a callback of oidc-provider to a server on %s", (database) => {
  let setup: OpenIdSetup
  let app: TestApp
  beforeAll(async () => {
    setup = await startOpenIdSetup(database)
  })
  afterAll(() => setup[Symbol.asyncDispose]())
  beforeEach(async () => {
    app = await freshApp(setup)
  })

  const begin = (): Promise<BeginBody> => initiate(setup.server.url, app, type)
  const tokenStatus = async () => (await fetchToken(setup.server.url, app, type)).status
  const attemptStatus = async ({ connection_id }: BeginBody) => {
    const query = new URLSearchParams({ integration_type: type, connection_id: connection_id ?? "" })
    return (await call(setup.server.url, "GET", `/api/apps/${app.id}/external-auth/status?${query}`)).body
  }

  test.each(forgeries)("is refused before any token request %s", async (name, forge) => {
    const browser = new TestBrowser()
    const begun = await begin()
    const genuine = await callbackOf(setup, browser, begun.redirect_url)
    expect(genuine.searchParams.get("iss")).toBe(issuer)
    const forged = new URL(genuine)
    forge(forged)
    const before = setup.provider.tokenRequests.length
    const page = await browser.open(forged.href)
    expect(page.status).toBeGreaterThanOrEqual(400)
    expect(page.status).toBeLessThan(500)
    expect(setup.provider.tokenRequests.length).toBe(before)
    expect(await tokenStatus()).toBe(404)
    if (stateUnseen.has(name)) return
    expect(await attemptStatus(begun)).toMatchObject({ status: "FAILED" })
    expect((await browser.open(genuine.href)).status).toBeGreaterThanOrEqual(400)
    expect(setup.provider.tokenRequests.length).toBe(before)
  })

  test("is refused before any token request in another browser", async () => {
    const begun = await begin()
    const genuine = await callbackOf(setup, new TestBrowser(), begun.redirect_url)
    const before = setup.provider.tokenRequests.length
    expect((await new TestBrowser().open(genuine.href)).status).toBeGreaterThanOrEqual(400)
    expect(setup.provider.tokenRequests.length).toBe(before)
    expect(await attemptStatus(begun)).toMatchObject({ status: "FAILED" })
  })

  test("that comes ten times at once is exchanged once", async () => {
    const browser = new TestBrowser()
    const genuine = await callbackOf(setup, browser, (await begin()).redirect_url)
    const before = setup.provider.tokenRequests.length
    const pages = await Promise.all(Array.from({ length: 10 }, () => browser.open(genuine.href)))
    expect(pages.filter(({ status }) => status === 200).length).toBe(1)
    expect(setup.provider.tokenRequests.length).toBe(before + 1)
    expect(await tokenStatus()).toBe(200)
  })

  test("after a refusal shows the person the provider's own words", async () => {
    setup.provider.decision = "deny"
    const begun = await begin()
    const page = await consentTo(begun.redirect_url)
    expect(page.status).toBe(400)
    expect(page.html).toContain("access_denied")
    expect(page.html).toContain("Ada said no")
    expect(await attemptStatus(begun)).toMatchObject({ status: "FAILED" })
    expect(await tokenStatus()).toBe(404)
  })
})
