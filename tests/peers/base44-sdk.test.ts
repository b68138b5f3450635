/** The published SDK, as it comes from its registry, and ours: each passes the whole scenario against a real server. */
import { execFile } from "node:child_process"
import { join } from "node:path"
import { promisify } from "node:util"
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest"
import { call, createApp, fetchToken, type TestApp } from "../harness/api.ts"
import { connectShared, consent, initiate } from "../harness/connect.ts"
import { moveClock, requestsTo, setFault } from "../harness/sandbox.ts"
import { databases, ownerKey, startTestServer, type TestServer } from "../harness/server.ts"
import { type PeerConnectors, refusalOf, sdkPeers } from "./sdk-peers.ts"
import { type ConnectionWatch, watchConnections } from "./watch-connections.ts"

const execute = promisify(execFile)
const dayMs = 24 * 3_600_000
const root = join(import.meta.dirname, "../..")

interface CreatedConnector {
  readonly id: string
  readonly credential_source: string
}

describe.each(databases)("on %s", (database) => {
  let server: TestServer
  let watch: ConnectionWatch
  beforeAll(async () => {
    server = await startTestServer({ database })
    watch = watchConnections()
  })
  afterAll(async () => {
    watch.stop()
    await server.destroy()
  })
  // The published SDK writes every refusal to the console.
  beforeEach(() => void vi.spyOn(console, "error").mockImplementation(() => undefined))
  afterEach(() => void vi.restoreAllMocks())

  async function createConnector(type: string, name: string): Promise<CreatedConnector> {
    const { body } = await call<{ workspaces: [{ id: string }] }>(
      server.url,
      "GET",
      "/api/workspace/workspaces",
    )
    const path = `/api/workspace/${body.workspaces[0].id}/connectors`
    const created = await call<CreatedConnector>(server.url, "POST", path, {
      body: { integration_type: type, name },
    })
    expect(created.status).toBe(200)
    return created.body
  }

  describe.each(sdkPeers)("$name", (peer) => {
    let app: TestApp
    let connectors: PeerConnectors
    const connectorsWith = (appId: string, serviceToken: string): PeerConnectors =>
      peer.create({ serverUrl: server.url, appId, serviceToken }).asServiceRole.connectors
    beforeEach(async () => {
      app = await createApp(server.url, `App of ${peer.name}`)
      connectors = connectorsWith(app.id, app.serviceKey)
    })

    test("getConnection and getAccessToken return the token that the server holds", async () => {
      await connectShared(server.url, app, "googlecalendar")
      const held = (await fetchToken(server.url, app, "googlecalendar")).body.access_token
      expect(await connectors.getConnection("googlecalendar")).toMatchObject({
        accessToken: held,
        connectionConfig: null,
      })
      expect(await connectors.getAccessToken("googlecalendar")).toBe(held)
    })

    test("getConnection returns the values that the service's addresses need", async () => {
      await connectShared(server.url, app, "salesforce")
      const held = (await fetchToken(server.url, app, "salesforce")).body
      expect(held.connection_config).toMatchObject({ instance_url: expect.stringMatching(/^https:\/\//) })
      expect(await connectors.getConnection("salesforce")).toMatchObject({
        accessToken: held.access_token,
        connectionConfig: held.connection_config,
      })
    })

    test("getWorkspaceConnection reads the connection of one connector, apart from the type's own", async () => {
      const connector = await createConnector("dropbox", `Dropbox of ${peer.name}`)
      expect(connector.credential_source).toBe("sandbox")
      expect(await refusalOf(peer, connectors.getWorkspaceConnection(connector.id))).toMatchObject({
        status: 404,
        code: "NOT_FOUND",
      })
      const begun = await initiate(server.url, app, "dropbox", { connector_id: connector.id })
      expect((await consent(begun.redirect_url ?? "")).status).toBe(200)

      const path = `/api/apps/${app.id}/external-auth/tokens/connectors/${connector.id}`
      const held = await call(server.url, "GET", path, { as: { bearer: app.serviceKey } })
      const connection = await connectors.getWorkspaceConnection(connector.id)
      expect(connection.accessToken).toBe(held.body["access_token"])
      expect(connection.connectionConfig).toEqual(held.body["connection_config"])
      expect(await refusalOf(peer, connectors.getConnection("dropbox"))).toMatchObject({ status: 404 })
      expect(await refusalOf(peer, connectors.getWorkspaceConnection("con_other"))).toMatchObject({
        status: 404,
        code: "NOT_FOUND",
        message: "Connector connection not found",
      })
    })

    test("createClientFromRequest takes everything from the headers of a forwarded request", async () => {
      await connectShared(server.url, app, "googlecalendar")
      const request = new Request("http://127.0.0.1/my-function", {
        headers: {
          "Base44-App-Id": app.id,
          "Base44-Api-Url": server.url,
          "Base44-Service-Authorization": `Bearer ${app.serviceKey}`,
          Authorization: "Bearer a.user.token",
          "Base44-State": "state",
          "X-Data-Env": "prod",
        },
      })
      const forwarded = peer.fromRequest(request).asServiceRole.connectors
      const held = (await fetchToken(server.url, app, "googlecalendar")).body.access_token
      expect((await forwarded.getConnection("googlecalendar")).accessToken).toBe(held)
    })

    test("a token that ran out is replaced before the call returns, once for all callers", async () => {
      await connectShared(server.url, app, "gmail")
      const first = await connectors.getConnection("gmail")
      const refreshes = async () => (await requestsTo(server.url, "gmail", "refresh")).length
      const before = await refreshes()
      await moveClock(server.url, dayMs)
      const fresh = await Promise.all(Array.from({ length: 20 }, () => connectors.getAccessToken("gmail")))
      expect(new Set(fresh).size).toBe(1)
      expect(fresh[0]).not.toBe(first.accessToken)
      expect(await refreshes()).toBe(before + 1)
    })

    test("never connected, or disconnected, is 404 NOT_FOUND", async () => {
      const refused = { status: 404, code: "NOT_FOUND", message: "Connector connection not found" }
      expect(await refusalOf(peer, connectors.getConnection("slack"))).toMatchObject(refused)
      await connectShared(server.url, app, "slack")
      expect((await connectors.getConnection("slack")).accessToken).toMatch(/^xox/)
      await call(server.url, "DELETE", `/api/apps/${app.id}/external-auth/integrations/slack`)
      expect(await refusalOf(peer, connectors.getConnection("slack"))).toMatchObject(refused)
    })

    test("a grant that the provider ended is 409 RECONNECT_REQUIRED with its reason, and asks no second time", async () => {
      await connectShared(server.url, app, "googlecalendar")
      await moveClock(server.url, dayMs)
      await setFault(server.url, "googlecalendar", "invalid_grant")
      const refused = {
        status: 409,
        code: "RECONNECT_REQUIRED",
        message: expect.stringMatching(/^No active connection.*invalid_grant/),
        data: expect.objectContaining({ provider_error: "invalid_grant", since: expect.any(String) }),
      }
      expect(await refusalOf(peer, connectors.getConnection("googlecalendar"))).toMatchObject(refused)
      const asked = (await requestsTo(server.url, "googlecalendar", "refresh")).length
      expect(await refusalOf(peer, connectors.getConnection("googlecalendar"))).toMatchObject(refused)
      expect((await requestsTo(server.url, "googlecalendar", "refresh")).length).toBe(asked)
      await connectShared(server.url, app, "googlecalendar")
      expect((await connectors.getConnection("googlecalendar")).accessToken).not.toBe("")
    })

    test("a provider that is away is 503 PROVIDER_UNAVAILABLE, and the connection comes back by itself", async () => {
      await connectShared(server.url, app, "dropbox")
      await moveClock(server.url, dayMs)
      await setFault(server.url, "dropbox", "5xx_then_ok")
      const refused = await refusalOf(peer, connectors.getConnection("dropbox"))
      expect(refused).toMatchObject({ status: 503, code: "PROVIDER_UNAVAILABLE" })
      expect(refused.message).toContain("The connection is intact")
      const list = await call(server.url, "GET", `/api/apps/${app.id}/external-auth/list`)
      expect(list.body).toMatchObject({ integrations: [{ integration_type: "dropbox", status: "active" }] })
      await moveClock(server.url, 3_600_000)
      expect((await connectors.getConnection("dropbox")).accessToken).not.toBe("")
    })

    test("an OAuth client that the provider rejects is 503 OAUTH_CLIENT_REJECTED, and the connection stays", async () => {
      await connectShared(server.url, app, "dropbox")
      await moveClock(server.url, dayMs)
      await setFault(server.url, "dropbox", "wrong_client")
      expect(await refusalOf(peer, connectors.getConnection("dropbox"))).toMatchObject({
        status: 503,
        code: "OAUTH_CLIENT_REJECTED",
      })
      await moveClock(server.url, 3_600_000)
      expect((await connectors.getConnection("dropbox")).accessToken).not.toBe("")
    })

    test("a type that does not exist is 404 UNKNOWN_CONNECTOR_TYPE and names the nearest", async () => {
      expect(await refusalOf(peer, connectors.getConnection("slak"))).toMatchObject({
        status: 404,
        code: "UNKNOWN_CONNECTOR_TYPE",
        message: expect.stringContaining("slack"),
        data: expect.objectContaining({ nearest: expect.arrayContaining(["slack"]) }),
      })
    })

    test("an unknown key is 401, a member's key is 403, another app's key sees nothing", async () => {
      await connectShared(server.url, app, "googlecalendar")
      const refusalWith = async (key: string) =>
        refusalOf(peer, connectorsWith(app.id, key).getConnection("googlecalendar"))
      expect(await refusalWith(`gsk_${"x".repeat(49)}`)).toMatchObject({
        status: 401,
        code: "UNAUTHORIZED",
        message: "Unauthorized",
      })
      expect(await refusalWith(ownerKey)).toMatchObject({
        status: 403,
        code: "SERVICE_TOKEN_REQUIRED",
        message: "This endpoint is only accessible to service tokens",
      })
      const sibling = await createApp(server.url, "Sibling")
      expect(await refusalWith(sibling.serviceKey)).toMatchObject({
        status: 404,
        code: "NOT_FOUND",
        message: "Connector connection not found",
      })
    })

    test("asServiceRole without a service token throws at once", () => {
      const client = peer.create({ serverUrl: server.url, appId: app.id })
      expect(() => client.asServiceRole).toThrow(/^Service token is required to use asServiceRole/)
    })
  })

  test("neither SDK opened a connection to anything but this machine", () => {
    expect(watch.places()).toContain("127.0.0.1")
    expect(watch.places().filter((place) => !["localhost", "127.0.0.1", "::1"].includes(place))).toEqual([])
  })
})

test("a program that uses the published SDK ends by itself, with its analytics on and nothing cleaned up", async () => {
  const server = await startTestServer({ database: "sqlite" })
  try {
    const app = await createApp(server.url)
    await connectShared(server.url, app, "slack")
    const config = { serverUrl: server.url, appId: app.id, serviceToken: app.serviceKey }
    const program = `
      import { createClient } from "@base44/sdk"
      const { connectors } = createClient(${JSON.stringify(config)}).asServiceRole
      console.log((await connectors.getConnection("slack")).accessToken)
    `
    const args = ["--input-type=module", "--eval", program]
    const { stdout } = await execute(process.execPath, args, { cwd: root, timeout: 10_000 })
    expect(stdout.trim()).toBe((await fetchToken(server.url, app, "slack")).body.access_token)
  } finally {
    await server.destroy()
  }
})
