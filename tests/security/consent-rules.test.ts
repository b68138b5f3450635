/** SECURITY.md lines 3 to 8, short and on every type: what is sent to a provider, and what becomes of what comes back. */
import { createHash } from "node:crypto"
import { builtInDefinitions } from "@grantry/catalog"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { call, createApp, fetchToken, type TestApp } from "../harness/api.ts"
import {
  allowOrigins,
  backOf,
  connectUser,
  createConnector,
  createUser,
  initiateFor,
  statusFor,
  tokenFor,
} from "../harness/app-users.ts"
import { plantedSecrets } from "../harness/canaries/planted.ts"
import { TestBrowser } from "../harness/browser.ts"
import { connectShared, consent } from "../harness/connect.ts"
import { databases, startTestServer, type TestServer } from "../harness/server.ts"
import { begin, click, decideAt, formOf, upToCallback } from "../authorization/steps.ts"
import { openRaw } from "./raw-database.ts"
import { type ProviderTap, startProviderTap } from "./provider-tap.ts"

const type = "googlecalendar"
const takesPkce: ReadonlySet<string> = new Set(["required", "supported"])
const sha256 = (text: string) => createHash("sha256").update(text)

describe.each(databases)("the rules of a consent on %s", (database) => {
  let server: TestServer
  let tap: ProviderTap
  let app: TestApp
  beforeAll(async () => {
    tap = await startProviderTap()
    server = await startTestServer({ database, providerAddress: tap.providerAddress })
    tap.connectTo(server.url)
    app = await createApp(server.url)
  })
  afterAll(async () => {
    await server.destroy()
    await tap.close()
  })

  test("a state is 256 random bits, new with every click, and only its hash is stored", async () => {
    const { link } = await begin(server.url, app, type)
    const browser = new TestBrowser()
    const states = []
    for (let clicks = 0; clicks < 20; clicks += 1)
      states.push((await click(browser, link)).searchParams.get("state") ?? "")
    expect(new Set(states).size).toBe(20)
    for (const state of states) expect(Buffer.from(state, "base64url").length).toBe(32)
    const last = states.at(-1) ?? ""
    if (database === "sqlite") await server.stop()
    const [rows, text] = await openRaw(server.databaseUrl, async (raw) => {
      const attempts = await raw.rows("select * from attempts")
      return [attempts, attempts.map((row) => Object.values(row).map(textOf).join("\n")).join("\n")] as const
    })
    if (database === "sqlite") {
      await server.restart()
      tap.connectTo(server.url)
    }
    expect(rows.length).toBeGreaterThan(0)
    const hash = sha256(last)
    const digests = [
      hash.copy().digest("hex"),
      hash.copy().digest("base64url"),
      hash.digest().toString("latin1"),
    ]
    expect(digests.some((digest) => text.includes(digest))).toBe(true)
    expect(text).not.toContain(last)
  })

  test("PKCE is S256 wherever a provider takes it, and the verifier goes to the token endpoint alone", async () => {
    const browser = new TestBrowser()
    const sentTo = await click(browser, (await begin(server.url, app, type)).link)
    const { searchParams } = sentTo
    expect(searchParams.get("code_challenge_method")).toBe("S256")
    const challenge = searchParams.get("code_challenge") ?? ""
    const before = new Set(tap.secrets)
    const page = await browser.open((await decideAt(browser, sentTo)).href)
    expect(page.status).toBe(200)
    const sent = [...tap.secrets].filter((secret) => !before.has(secret))
    expect(sent.filter((secret) => sha256(secret).digest("base64url") === challenge)).toHaveLength(1)
  })

  test.each(builtInDefinitions.map((entry) => [entry.type, entry] as const))(
    "%s is sent a challenge of S256 exactly where it takes one",
    async (name, entry) => {
      const examples = entry.config.asked.map((field) => [
        `config.${field.name}`,
        field.default ?? field.placeholder,
      ])
      const { link } = await begin(server.url, app, name, { force_reconnect: true })
      const page = await new TestBrowser().open(link)
      const asked = formOf(page).fields
      const values = Object.fromEntries(examples.filter(([field = ""]) => asked.has(field)))
      const { searchParams } = await click(new TestBrowser(), link, values)
      const method = searchParams.get("code_challenge_method")
      expect([name, method]).toEqual([name, takesPkce.has(entry.authorize.pkce) ? "S256" : null])
      expect(searchParams.has("code_challenge")).toBe(method !== null)
    },
  )

  test("Host and forwarded headers change no address; the same request without them has the same answer", async () => {
    const path = `/api/apps/${app.id}/oauth-redirect-uris`
    const plain = await call<Record<string, unknown>>(server.url, "GET", path)
    const bent = await call<Record<string, unknown>>(server.url, "GET", path, {
      headers: {
        "x-forwarded-host": "evil.example",
        "x-forwarded-proto": "https",
        forwarded: "host=evil.example;proto=https",
        "x-original-url": "//evil.example",
      },
    })
    expect(bent.body).toEqual(plain.body)
    expect(JSON.stringify(plain.body)).toContain(server.url)
  })

  test("the final page's message names the registered origin and the outcome, and holds no secret", async () => {
    await allowOrigins(server.url, app, ["https://app.example"])
    const connector = await createConnector(server.url, { integration_type: type })
    const user = await createUser(server.url, app)
    const begun = await initiateFor(server.url, app, user, connector, {
      body: { return_to: "https://app.example/x" },
    })
    const browser = new TestBrowser()
    const callback = await decideAt(browser, await click(browser, begun.body.redirect_url), {
      account: "message@example.com",
    })
    const page = await browser.open(callback.href)
    const back = backOf(page)
    expect(back?.origin).toBe("https://app.example")
    expect(Object.keys(back?.message ?? {})).not.toContain("connect_handle")
    const token = (await tokenFor(server.url, app, user, connector)).body.access_token
    const secrets = [
      token,
      callback.searchParams.get("code") ?? "",
      callback.searchParams.get("state") ?? "",
      user.token,
    ]
    for (const secret of secrets)
      expect([secret.length > 10, page.html.includes(secret)]).toEqual([true, false])
    expect(page.headers.get("cache-control")).toBe("no-store")
    expect(page.headers.get("referrer-policy")).toBe("no-referrer")
    expect(page.headers.get("content-security-policy")).toMatch(/frame-ancestors 'none'/)
    expect(page.html).not.toMatch(/(?:src|href)="(?:https?:)?\/\/(?!app\.example)/)
  })

  test("scopes come from the connector; what was granted is kept apart from what was asked, and the difference is shown", async () => {
    const [least, most] = [
      "https://www.googleapis.com/auth/calendar.readonly",
      "https://www.googleapis.com/auth/calendar",
    ]
    const connector = await createConnector(server.url, { integration_type: type, scopes: [least, "email"] })
    const user = await createUser(server.url, app)
    const begun = await initiateFor(server.url, app, user, connector, {
      body: { scopes: [most], scope: most },
    })
    const browser = new TestBrowser()
    const sent = await click(browser, `${begun.body.redirect_url}?scope=${most}`, { scope: most })
    const asked = (sent.searchParams.get("scope") ?? "").split(" ")
    expect([asked.includes(least), asked.includes(most)]).toEqual([true, false])
    const callback = await decideAt(browser, sent, { account: "less@example.com", untick: [least] })
    expect((await browser.open(callback.href)).status).toBe(200)
    const { body } = await statusFor(server.url, app, user, connector)
    expect(body).toMatchObject({ status: "connected", missing_scopes: [least] })
    expect(body["scopes"]).not.toContain(least)
    // The control: with the scope ticked nothing is missing.
    const other = await createUser(server.url, app)
    await connectUser(server.url, app, other, connector, { account: "all@example.com" })
    expect((await statusFor(server.url, app, other, connector)).body).toMatchObject({ missing_scopes: [] })
  })

  test("a token answer holds the access token, and neither a refresh token nor a client secret", async () => {
    const own = await createApp(server.url)
    await connectShared(server.url, own, type, { account: "answer@example.com" })
    const answer = await fetchToken(server.url, own, type)
    const kinds = plantedSecrets()
    expect(kinds.get(answer.body.access_token)).toBe("access_token")
    const text = JSON.stringify([answer.body, [...answer.headers]])
    const writeOnly = [...kinds].filter(([, what]) => what === "refresh_token" || what === "client_secret")
    expect(new Set(writeOnly.map(([, what]) => what)).size).toBe(2)
    expect(writeOnly.filter(([secret]) => text.includes(secret))).toEqual([])
  })

  test("another account asks first and the old grant stays; the same account does not ask", async () => {
    const own = await createApp(server.url)
    await connectShared(server.url, own, type, { account: "ada@example.com" })
    const label = async () => (await fetchToken(server.url, own, type)).body.account?.label
    const swapped = await upToCallback(server.url, own, type, {
      body: { force_reconnect: true },
      choice: { account: "grace@example.com" },
    })
    const question = await swapped.browser.open(swapped.callback.href)
    expect(question.html).toContain("Replace ada@example.com by grace@example.com")
    expect(await label()).toBe("ada@example.com")
    await swapped.browser.submit(question, formOf(question), { answer: "keep" })
    expect(await label()).toBe("ada@example.com")
    const again = await begin(server.url, own, type, { force_reconnect: true })
    const same = await consent(again.link, { account: "ada@example.com" })
    expect([same.status, same.html.includes("Replace")]).toEqual([200, false])
  })
})

function textOf(value: unknown): string {
  return value instanceof Uint8Array ? Buffer.from(value).toString("latin1") : String(value)
}
