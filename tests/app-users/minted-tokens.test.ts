import { createClient } from "@base44/sdk"
import { decodeJwt, decodeProtectedHeader } from "jose"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { call, createApp, type TestApp } from "../harness/api.ts"
import { mintToken, whoAmI } from "../harness/user-tokens.ts"
import { moveClock } from "../harness/sandbox.ts"
import { databases, startTestServer, type TestServer } from "../harness/server.ts"
import { withStorage } from "../security/with-storage.ts"

const hourMs = 3_600_000

describe.each(databases)("tokens that an app's backend asks for, on %s", (database) => {
  let server: TestServer
  let app: TestApp
  let sibling: TestApp
  beforeAll(async () => {
    server = await startTestServer({ database })
    app = await createApp(server.url)
    sibling = await createApp(server.url, "sibling")
  })
  afterAll(() => server.destroy())

  const mint = (body: Record<string, unknown>) =>
    call<{ token: string; expires_at: string; detail: string }>(
      server.url,
      "POST",
      `/api/apps/${app.id}/users/token`,
      { as: { bearer: app.serviceKey }, body },
    )

  test("name the user to the app, and to nobody else", async () => {
    const token = await mintToken(server.url, app, "u-1", { email: "ann@example.com", name: "Ann" })
    const me = await whoAmI(server.url, app.id, { bearer: token })
    expect([me.status, me.body]).toEqual([
      200,
      { id: "u-1", email: "ann@example.com", full_name: "Ann", role: "user" },
    ])
    expect(me.headers.get("cache-control")).toBe("no-store")
    const elsewhere = await whoAmI(server.url, sibling.id, { bearer: token })
    const nowhere = await whoAmI(server.url, "app_none", { bearer: token })
    expect([elsewhere.status, elsewhere.body.detail]).toEqual([401, "Unauthorized"])
    expect([nowhere.status, nowhere.body.detail]).toEqual([401, "Unauthorized"])
  })

  test("answer auth.me() of the published SDK", async () => {
    const token = await mintToken(server.url, app, "u-2", { name: "Bob" })
    const client = createClient({
      serverUrl: server.url,
      appId: app.id,
      token,
      analytics: { enabled: false },
    })
    expect(await client.auth.me()).toEqual({ id: "u-2", email: null, full_name: "Bob", role: "user" })
    client.cleanup()
  })

  test("live an hour, or what is asked for, and not a second longer", async () => {
    const before = Date.now()
    const hour = (await mint({ user_id: "u" })).body
    expect(Date.parse(hour.expires_at) - before).toBeGreaterThan(hourMs - 2_000)
    expect(Date.parse(hour.expires_at) - before).toBeLessThan(hourMs + 60_000)
    expect(decodeJwt(hour.token).exp).toBe(Date.parse(hour.expires_at) / 1000)
    const short = (await mint({ user_id: "u", expires_in: 60 })).body.token
    expect((await whoAmI(server.url, app.id, { bearer: short })).status).toBe(200)
    await moveClock(server.url, 61_000)
    // Remembered as good a moment ago, and over all the same.
    expect((await whoAmI(server.url, app.id, { bearer: short })).status).toBe(401)
    expect((await whoAmI(server.url, app.id, { bearer: hour.token })).status).toBe(200)
  })

  test.each([
    [{}, "body.user_id is missing"],
    [{ user_id: "" }, "body.user_id must be 1 to 255 printable characters"],
    [{ user_id: " u" }, "body.user_id must be 1 to 255 printable characters"],
    [{ user_id: "u\n1" }, "body.user_id must be 1 to 255 printable characters"],
    [{ user_id: "u".repeat(256) }, "body.user_id must be 1 to 255 printable characters"],
    [{ user_id: "iss_abc:1" }, "body.user_id must not start with iss_"],
    [{ user_id: 7 }, "body.user_id must be string"],
    [{ user_id: "u", expires_in: 0 }, "body.expires_in must be >= 1"],
    [{ user_id: "u", expires_in: 86_401 }, "body.expires_in must be <= 86400"],
    [{ user_id: "u", expires_in: 1.5 }, "body.expires_in must be integer"],
    [{ user_id: "u", role: "admin" }, "body.role is not a known field"],
  ])("%j is refused: %s", async (body, detail) => {
    const answer = await mint(body)
    expect(answer.status).toBe(400)
    expect(answer.body.detail).toContain(detail)
  })

  test("are made with the app's service key and nothing else", async () => {
    const path = `/api/apps/${app.id}/users/token`
    const body = { user_id: "u" }
    const token = await mintToken(server.url, app, "u")
    expect((await call(server.url, "POST", path, { body })).status).toBe(403)
    expect((await call(server.url, "POST", path, { body, as: { bearer: sibling.serviceKey } })).status).toBe(
      404,
    )
    const byUser = await call(server.url, "POST", path, { body, as: { bearer: token } })
    expect([byUser.status, byUser.body["code"], byUser.body["detail"]]).toEqual([
      403,
      "SERVICE_TOKEN_REQUIRED",
      "This endpoint is only accessible to service tokens",
    ])
  })

  test("are signed with an asymmetric key of the workspace, which survives a restart sealed", async () => {
    const token = await mintToken(server.url, app, "u-3")
    expect(decodeProtectedHeader(token)).toMatchObject({ alg: "EdDSA", typ: "grantry-user+jwt" })
    const workspaceId = await workspaceOf(server)
    const keys = await withStorage(server, async (storage) => {
      const current = await storage.signingKeys.findCurrent(workspaceId)
      return { current, foreign: await storage.signingKeys.find("ws_other", current?.id ?? "") }
    })
    expect(keys.current?.id).toBe(decodeProtectedHeader(token).kid)
    expect(keys.foreign).toBeUndefined()
    expect(keys.current?.publicJwkJson).not.toContain('"d"')
    expect(Buffer.from(keys.current?.sealedPrivateJwk ?? []).toString("latin1")).not.toContain("OKP")
    expect((await whoAmI(server.url, app.id, { bearer: token })).status).toBe(200)
  })

  test("are signed with a new key after ninety days, while the last of the old one lives on", async () => {
    const old = await mintToken(server.url, app, "u-4", { expires_in: 86_400 })
    await moveClock(server.url, 90 * 24 * hourMs - 23 * hourMs)
    const kept = await mintToken(server.url, app, "u-4", { expires_in: 86_400 })
    await moveClock(server.url, 23 * hourMs)
    const next = await mintToken(server.url, app, "u-4")
    expect(decodeProtectedHeader(kept).kid).toBe(decodeProtectedHeader(old).kid)
    expect(decodeProtectedHeader(next).kid).not.toBe(decodeProtectedHeader(old).kid)
    expect((await whoAmI(server.url, app.id, { bearer: kept })).status).toBe(200)
    expect((await whoAmI(server.url, app.id, { bearer: next })).status).toBe(200)
    expect((await whoAmI(server.url, app.id, { bearer: old })).status).toBe(401)
  })

  test("leave who asked for whom in the audit, and never the token", async () => {
    const token = await mintToken(server.url, app, "audited-user")
    const { events, workspaceId } = await auditOf(server)
    const minted = events.find(({ target }) => target === "audited-user")
    expect(minted).toMatchObject({ workspaceId, appId: app.id, action: "user_token.mint", outcome: "ok" })
    expect(minted?.actor).toMatch(/^service:sk_/)
    expect(JSON.stringify(events)).not.toContain(token.split(".")[2])
    expect(server.logged()).not.toContain(token.split(".")[2])
  })
})

async function workspaceOf(server: TestServer): Promise<string> {
  const { body } = await call<{ workspaces: { id: string }[] }>(
    server.url,
    "GET",
    "/api/workspace/workspaces",
  )
  return body.workspaces[0]?.id ?? ""
}

async function auditOf(server: TestServer) {
  const workspaceId = await workspaceOf(server)
  const events = await withStorage(server, ({ audit }) => audit.list(workspaceId, { limit: 200 }))
  return { workspaceId, events }
}
