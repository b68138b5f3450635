/** Each change of a connection is told once, with what it was, and signed. */
import { Webhook } from "standardwebhooks"
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest"
import { call, createApp, fetchToken, type TestApp } from "../harness/api.ts"
import { connectShared, consent, initiate } from "../harness/connect.ts"
import { type Replicas, startReplicas } from "../harness/replicas.ts"
import { resetSandbox, setFault } from "../harness/sandbox.ts"
import { databases } from "../harness/server.ts"
import { testCatalog } from "../harness/test-catalog.ts"
import { type Received, startWebhookReceiver, type WebhookReceiver } from "../harness/webhook-receiver.ts"
import { allEvents, firstWorkspace, type Webhooks, webhooksOf } from "./webhook-steps.ts"

const hourMs = 3_600_000
const patience = { timeout: 15_000 }

describe.each(databases)("webhooks tell of changes, on %s", (database) => {
  let replicas: Replicas
  let receiver: WebhookReceiver
  let webhooks: Webhooks
  let url: string
  let app: TestApp
  let path: string
  let secret: string
  let count = 0

  beforeAll(async () => {
    receiver = await startWebhookReceiver()
    replicas = await startReplicas({ database, count: 1, catalog: testCatalog })
    url = replicas.first.url
    webhooks = await webhooksOf(url)
  })
  afterAll(async () => {
    await replicas.destroy()
    await receiver.close()
  })
  beforeEach(async () => {
    await resetSandbox(replicas.sandbox)
    app = await createApp(url)
    path = `/hook-${(count += 1)}`
    const created = await webhooks.create({ url: receiver.url + path, events: allEvents, app_id: app.id })
    secret = created.body.secret
  })

  const told = () => receiver.received(path).map(({ event }) => event.type)
  const last = (type: string): Received | undefined =>
    receiver.received(path).findLast(({ event }) => event.type === type)
  /** Waits until the last of them is there: what would come twice or unasked would have come by then. */
  const expectTold = async (...types: readonly string[]) => {
    await expect.poll(() => told().toSorted(), patience).toEqual(types.toSorted())
  }
  const token = () => fetchToken(url, app, "steady")
  const disconnect = () => call(url, "DELETE", `/api/apps/${app.id}/external-auth/integrations/steady`)
  const expire = () => replicas.moveClock(2 * hourMs)

  test("connecting: who, what and with which account, never a token", async () => {
    const begun = await connectShared(url, app, "steady", { account: "ada@example.com" })
    await expectTold("connection.connected")
    const message = last("connection.connected")
    expect(message?.event).toEqual({
      type: "connection.connected",
      timestamp: expect.any(String),
      data: {
        workspace_id: await firstWorkspace(url),
        app_id: app.id,
        connection_id: begun.connection_id,
        integration_type: "steady",
        connector_id: null,
        owner: { kind: "app", user_id: null },
        status: "active",
        account: { id: expect.any(String), label: "ada@example.com" },
        scopes: ["read", "write"],
        missing_scopes: [],
      },
    })
    const { body } = await token()
    expect(message?.body).not.toContain(body.access_token)
    expect(message?.headers["content-type"]).toBe("application/json")
  })

  test("the signature verifies with the scheme's own library, and with no other secret or body", async () => {
    await connectShared(url, app, "steady")
    await expectTold("connection.connected")
    const message = last("connection.connected")
    const headers = message?.headers as Record<string, string>
    expect(new Webhook(secret).verify(message?.body ?? "", headers)).toMatchObject({
      type: "connection.connected",
    })
    expect(() =>
      new Webhook(`whsec_${btoa("another secret")}`).verify(message?.body ?? "", headers),
    ).toThrow()
    expect(() => new Webhook(secret).verify(`${message?.body} `, headers)).toThrow()
    expect(headers["webhook-id"]).toMatch(/^msg_/)
  })

  test("disconnecting is told once, however often it is asked for", async () => {
    await connectShared(url, app, "steady")
    await disconnect()
    await disconnect()
    await connectShared(url, app, "steady")
    await expectTold("connection.connected", "connection.disconnected", "connection.connected")
    expect(last("connection.disconnected")?.event.data).toMatchObject({ status: "disconnected" })
  })

  test("a connection that is forgotten at once is told of as it was", async () => {
    const begun = await connectShared(url, app, "steady")
    await call(url, "DELETE", `/api/apps/${app.id}/external-auth/integrations/steady/remove`)
    await expectTold("connection.connected", "connection.disconnected")
    expect(last("connection.disconnected")?.event.data).toMatchObject({ connection_id: begun.connection_id })
  })

  test("deleting an app tells of each of its connections", async () => {
    await connectShared(url, app, "steady")
    await connectShared(url, app, "rotating")
    await call(url, "DELETE", `/api/apps/${app.id}`)
    await expectTold(
      "connection.connected",
      "connection.connected",
      "connection.disconnected",
      "connection.disconnected",
    )
  })

  test("the provider's word that a grant is dead is told once, with its words", async () => {
    await connectShared(url, app, "steady")
    await expire()
    await setFault(replicas.sandbox, "steady", "invalid_grant", { endpoint: "refresh" })
    const answers = await Promise.all(Array.from({ length: 10 }, token))
    expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 10 }, () => 409))
    await token()
    await expectTold("connection.connected", "connection.reconnect_required")
    expect(last("connection.reconnect_required")?.event.data).toMatchObject({
      status: "expired",
      reason: { code: "invalid_grant", message: expect.stringContaining("refresh token") },
    })
  })

  test("trouble that passes is told as late when a token is there again, and not before", async () => {
    await connectShared(url, app, "steady")
    const { body } = await token()
    await expire()
    await setFault(replicas.sandbox, "steady", "5xx_then_ok", { endpoint: "refresh" })
    expect((await token()).status).toBe(503)
    await replicas.moveClock(hourMs)
    expect((await token()).status).toBe(200)
    await expectTold("connection.connected", "connection.refreshed_late")
    expect(last("connection.refreshed_late")?.event.data).toMatchObject({
      status: "active",
      expired_at: body.expires_at,
    })
  })

  test("a refresh in time is nobody's news", async () => {
    await connectShared(url, app, "steady")
    const { body } = await token()
    await replicas.moveClock(57 * 60_000)
    await token()
    await expect.poll(async () => (await token()).body.access_token, patience).not.toBe(body.access_token)
    await disconnect()
    await expectTold("connection.connected", "connection.disconnected")
  })

  test("another consent with other scopes says what was granted before", async () => {
    await connectShared(url, app, "steady")
    const begun = await initiate(url, app, "steady", { force_reconnect: true })
    await consent(begun.redirect_url ?? "", { untick: ["write"] })
    await expectTold("connection.connected", "connection.connected", "connection.scopes_changed")
    expect(last("connection.scopes_changed")?.event.data).toMatchObject({
      previous_scopes: ["read", "write"],
      scopes: ["read"],
      missing_scopes: ["write"],
    })
  })

  test("an endpoint hears of the events and of the app that it asked for, and of nothing else", async () => {
    const only = `${path}-only`
    await webhooks.create({ url: receiver.url + only, events: ["connection.disconnected"] })
    const other = await createApp(url, "other")
    await connectShared(url, app, "steady")
    await connectShared(url, other, "steady")
    await disconnect()
    await call(url, "DELETE", `/api/apps/${other.id}/external-auth/integrations/steady`)
    await expectTold("connection.connected", "connection.disconnected")
    await expect
      .poll(() => receiver.received(only).map(({ event }) => event.data["app_id"]), patience)
      .toHaveLength(2)
    const apps = receiver.received(only).map(({ event }) => String(event.data["app_id"]))
    expect(apps.toSorted()).toEqual([app.id, other.id].toSorted())
  })

  test("a consent that ends in an error is told to nobody", async () => {
    const begun = await initiate(url, app, "steady")
    await consent(begun.redirect_url ?? "", { deny: true })
    await connectShared(url, app, "rotating")
    await expectTold("connection.connected")
    expect(last("connection.connected")?.event.data).toMatchObject({ integration_type: "rotating" })
  })
})
