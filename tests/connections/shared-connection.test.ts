import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { call, createApp, fetchToken, type TestApp } from "../harness/api.ts"
import { type BeginBody, connectShared, consent, initiate } from "../harness/connect.ts"
import { moveClock, requestsTo } from "../harness/sandbox.ts"
import { databases, startTestServer, type TestServer } from "../harness/server.ts"

const hourMs = 3_600_000
const types = ["dropbox", "github", "gmail", "googlecalendar", "notion", "salesforce", "slack", "slackbot"]

describe.each(databases)("a shared connection on %s", (database) => {
  let server: TestServer
  let app: TestApp
  beforeAll(async () => {
    server = await startTestServer({ database })
    app = await createApp(server.url)
  })
  afterAll(() => server.destroy())

  test.each(types)(
    "%s: connects, hands out a token that the provider accepts, refreshes it and disconnects",
    async (type) => {
      await connectShared(server.url, app, type)
      const first = await fetchToken(server.url, app, type)
      expect(first).toMatchObject({ status: 200, body: { integration_type: type } })
      expect(first.headers.get("cache-control")).toBe("no-store")

      await moveClock(server.url, 24 * hourMs)
      const second = await fetchToken(server.url, app, type)
      expect(second.status).toBe(200)
      const renewed = second.body.access_token !== first.body.access_token
      expect(renewed).toBe((await requestsTo(server.url, type, "refresh")).length > 0)

      const path = `/api/apps/${app.id}/external-auth/integrations/${type}`
      expect(await call(server.url, "DELETE", path)).toMatchObject({
        status: 200,
        body: { status: "disconnected", integration_type: type, revoked: "revoked" },
      })
      expect(await fetchToken(server.url, app, type)).toMatchObject({
        status: 404,
        body: { code: "NOT_FOUND", detail: "Connector connection not found" },
      })
      expect(await call(server.url, "DELETE", path)).toMatchObject({ status: 200 })
      expect(await call(server.url, "DELETE", `${path}/remove`)).toMatchObject({
        status: 200,
        body: { status: "removed" },
      })
    },
  )

  test("a consent that the person denies fails the attempt and shows the provider's own word", async () => {
    const begun: BeginBody = await initiate(server.url, app, "slack")
    const page = await consent(begun.redirect_url ?? "", { deny: true })
    expect(page.status).toBe(400)
    expect(page.html).toContain("access_denied")
    expect(page.html).toContain("/api/external-auth/callback/sandbox-slack")
    const query = new URLSearchParams({ integration_type: "slack", connection_id: begun.connection_id ?? "" })
    const status = await call(server.url, "GET", `/api/apps/${app.id}/external-auth/status?${query}`)
    expect(status.body).toMatchObject({ status: "FAILED", error: "AUTHORIZATION_DENIED" })
  })
})
