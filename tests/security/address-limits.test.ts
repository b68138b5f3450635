/** SECURITY.md lines 5, 14 and 25: strangers are limited by their address, which is not theirs to choose. */
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { type Answer, call, createApp, fetchToken, type TestApp } from "../harness/api.ts"
import { createUser } from "../harness/app-users.ts"
import { moveClock } from "../harness/sandbox.ts"
import { databases, ownerKey, startTestServer, type TestServer } from "../harness/server.ts"
import { whoAmI } from "../harness/user-tokens.ts"

/** By the hour, so that nothing comes back before a test moves the clock. */
const rateLimits = "refused=10/h,open=12/h"
const hourMs = 3_600_000

const counted = (answers: readonly { readonly status: number }[]): Record<number, number> => {
  const counts: Record<number, number> = {}
  for (const { status } of answers) counts[status] = (counts[status] ?? 0) + 1
  return counts
}

async function many<T>(count: number, work: (index: number) => Promise<T>): Promise<T[]> {
  const answers: T[] = []
  for (let index = 0; index < count; index += 1) answers.push(await work(index))
  return answers
}

describe.each(databases)("limits of addresses on %s", (database) => {
  let server: TestServer
  let app: TestApp
  let addresses = 0
  beforeAll(async () => {
    server = await startTestServer({
      database,
      env: { GRANTRY_RATE_LIMITS: rateLimits, GRANTRY_TRUSTED_PROXIES: "127.0.0.1,10.0.0.0/8" },
    })
    app = await createApp(server.url)
  })
  afterAll(() => server.destroy())

  /** As a proxy that is trusted says it. */
  const from = (address: string) => ({ "x-forwarded-for": address })
  /** Nobody has been there yet. */
  const newAddress = () => `198.51.100.${(addresses += 1)}`
  const guess = (address: string, index = 0): Promise<Answer> =>
    call(server.url, "GET", "/api/apps", {
      as: { apiKey: `b44k_nobody-was-ever-given-this-key-${index}-0123456789` },
      headers: from(address),
    })
  const owner = (address: string, apiKey = ownerKey): Promise<Answer> =>
    call(server.url, "GET", "/api/apps", { as: { apiKey }, headers: from(address) })
  const openPage = (path: string, address: string): Promise<Answer<string>> =>
    call<string>(server.url, "GET", path, { as: null, headers: from(address) })

  test("ten bad keys from an address are judged, further ones are not; other addresses notice nothing", async () => {
    const [bad, good] = [newAddress(), newAddress()]
    const answers = await many(25, (index) => guess(bad, index))
    expect(counted(answers)).toEqual({ 401: 10, 429: 15 })
    expect(answers.at(-1)?.body).toMatchObject({
      code: "RATE_LIMITED",
      limit: "refused",
      detail: expect.stringMatching(
        /^This address has used up its limit of 10 calls without a valid credential per hour/,
      ),
    })
    expect(Number(answers.at(-1)?.headers.get("retry-after"))).toBeGreaterThan(0)
    expect((await guess(good)).status).toBe(401)
    expect((await owner(good)).status).toBe(200)
    await moveClock(server.url, hourMs)
    expect((await guess(bad)).status).toBe(401)
  })

  test("calls with no credential at all are no way around it, nor are those of backend keys and users' tokens", async () => {
    const address = newAddress()
    const asks = [
      () => call(server.url, "GET", "/api/apps", { as: null, headers: from(address) }),
      () =>
        call(server.url, "GET", `/api/apps/${app.id}/external-auth/tokens/slack`, {
          as: { bearer: "gsk_nobody-was-ever-given-this-key-0123456789abcdef" },
          headers: from(address),
        }),
      () =>
        call(server.url, "GET", `/api/apps/${app.id}/entities/User/me`, {
          as: { bearer: "eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJ4In0.AAAA" },
          headers: from(address),
        }),
    ]
    const answers = await many(24, async (index) => asks[index % asks.length]?.() ?? owner(address))
    expect(counted(answers)).toEqual({ 401: 10, 429: 14 })
  })

  test("who was let in lately is let in again, whatever else comes from their address; a new one has to wait", async () => {
    const address = newAddress()
    const fresh = await call<{ key: string }>(server.url, "POST", `/api/apps/${app.id}/service-keys`, {
      body: { name: "fresh" },
      headers: from(newAddress()),
    })
    const user = await createUser(server.url, app)
    const me = (headers: Record<string, string>) =>
      call(server.url, "GET", `/api/apps/${app.id}/entities/User/me`, { as: { bearer: user.token }, headers })
    expect((await owner(address)).status).toBe(200)
    expect((await me(from(address))).status).toBe(200)
    await many(12, (index) => guess(address, index))
    // Longer than a credential is remembered without being looked up.
    await new Promise((resolve) => setTimeout(resolve, 5_500))
    expect((await owner(address)).status).toBe(200)
    expect((await me(from(address))).status).toBe(200)
    const read = (at: string) =>
      call(server.url, "GET", `/api/apps/${app.id}/external-auth/tokens/slack`, {
        as: { bearer: fresh.body.key },
        headers: from(at),
      })
    expect((await read(address)).status).toBe(429)
    expect((await read(newAddress())).status).toBe(404)
    // It is known by now, from wherever it comes.
    expect((await read(address)).status).toBe(404)
  })

  test("a key that was revoked is a stranger's, however well it was known", async () => {
    const address = newAddress()
    const workspaces = await call<{ workspaces: { id: string }[] }>(
      server.url,
      "GET",
      "/api/workspace/workspaces",
    )
    const keys = `/api/workspace/${workspaces.body.workspaces[0]?.id}/api-keys`
    const made = await call<{ id: string; key: string }>(server.url, "POST", keys, { body: { name: "gone" } })
    expect((await owner(address, made.body.key)).status).toBe(200)
    await call(server.url, "DELETE", `${keys}/${made.body.id}`)
    expect(counted(await many(20, () => owner(address, made.body.key)))).toEqual({ 401: 10, 429: 10 })
  })

  test("pages and other open addresses are limited together, and a person reads why", async () => {
    const address = newAddress()
    const paths = [
      "/sign-in",
      "/connect/att_nobody",
      "/api/external-auth/callback/ctx?state=x",
      "/api/openapi.json",
    ]
    const answers = await many(16, (index) => openPage(paths[index % paths.length] ?? "", address))
    expect(counted(answers)[429]).toBe(4)
    const page = await openPage("/sign-in", address)
    expect(page.status).toBe(429)
    expect(page.headers.get("content-type")).toContain("text/html")
    expect(page.headers.get("content-security-policy")).toContain("default-src 'none'")
    expect(page.body).toContain(
      "This address has used up its limit of 12 requests to pages and open addresses",
    )
    expect(Number(page.headers.get("retry-after"))).toBeGreaterThan(0)
    const login = await call(server.url, "POST", "/oauth/device/code", {
      as: null,
      body: { client_id: "base44_cli" },
      headers: from(address),
    })
    expect(login).toMatchObject({ status: 429, body: { code: "RATE_LIMITED", limit: "open" } })
    expect((await openPage("/sign-in", newAddress())).status).toBe(200)
    expect((await openPage("/healthz", address)).status).toBe(200)
    // Who has a credential is no stranger.
    expect((await owner(address)).status).toBe(200)
  })

  test("a subscriber's 2^64 addresses are one, another's are not", async () => {
    const own = (index: number) => `2001:db8:7:${addresses}::${index.toString(16)}`
    expect(counted(await many(15, (index) => guess(own(index), index)))).toEqual({ 401: 10, 429: 5 })
    expect((await guess(`2001:db8:7:${addresses + 1000}::1`)).status).toBe(401)
  })

  test("behind a trusted proxy, what a client writes before its address is nobody's", async () => {
    const address = newAddress()
    const answers = await many(15, (index) => guess(`203.0.113.${index}, ${address}`, index))
    expect(counted(answers)).toEqual({ 401: 10, 429: 5 })
    // Through a second proxy that is trusted.
    expect((await guess(`203.0.113.1, ${address}, 10.0.0.3`)).status).toBe(429)
    expect((await guess(`${address}, ${newAddress()}`)).status).toBe(401)
  })

  test("what a trusted proxy forwards beside the address changes no URI", async () => {
    const begun = await call<{ redirect_url: string }>(
      server.url,
      "POST",
      `/api/apps/${app.id}/external-auth/initiate`,
      {
        body: { integration_type: "slack" },
        headers: {
          ...from(newAddress()),
          "x-forwarded-host": "evil.example",
          "x-forwarded-proto": "https",
          forwarded: "for=192.0.2.1;host=evil.example;proto=https",
        },
      },
    )
    expect(begun.body.redirect_url.startsWith(`${server.url}/connect/`)).toBe(true)
  })

  test("the log names the addresses that were held back, one line each", async () => {
    await server.restart()
    const lines = server
      .logged()
      .split("\n")
      .filter((line) => line.includes("an address has used up its limit"))
      .map((line) => JSON.parse(line) as { address: string; limit: string; refused: number })
    expect(lines).toContainEqual(
      expect.objectContaining({ address: "198.51.100.1", limit: "refused", refused: 15 }),
    )
    expect(lines.length).toBeLessThan(40)
  })
})

describe.each(databases)("without trusted proxies on %s", (database) => {
  let server: TestServer
  beforeAll(async () => {
    server = await startTestServer({ database, env: { GRANTRY_RATE_LIMITS: rateLimits } })
  })
  afterAll(() => server.destroy())

  test("a client cannot choose its address by any header", async () => {
    const answers = await many(30, (index) =>
      call(server.url, "GET", "/api/apps", {
        as: { apiKey: `b44k_nobody-was-ever-given-this-key-${index}-0123456789` },
        headers: {
          "x-forwarded-for": `198.51.100.${index}`,
          "x-real-ip": `198.51.100.${index}`,
          "cf-connecting-ip": `198.51.100.${index}`,
          "true-client-ip": `198.51.100.${index}`,
          "x-client-ip": `198.51.100.${index}`,
          forwarded: `for=198.51.100.${index}`,
        },
      }),
    )
    expect(counted(answers)).toEqual({ 401: 10, 429: 20 })
  })

  test("the owner, who is known, goes on working from the same address", async () => {
    // Before the strangers came nobody had asked with this key since the start.
    await moveClock(server.url, hourMs)
    const app = await createApp(server.url)
    await many(12, () => call(server.url, "GET", "/api/apps", { as: null }))
    expect((await call(server.url, "GET", "/api/apps", { as: null })).status).toBe(429)
    expect((await call(server.url, "GET", `/api/apps/${app.id}`)).status).toBe(200)
    expect((await fetchToken(server.url, app, "slack")).status).toBe(429)
    await moveClock(server.url, hourMs)
    expect((await fetchToken(server.url, app, "slack")).status).toBe(404)
    expect((await whoAmI(server.url, app.id, { bearer: "x.y.z" })).status).toBe(401)
  })
})
