/** How messages are delivered: tried again, each endpoint by itself, to nowhere they may not go. */
import { Webhook } from "standardwebhooks"
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest"
import { call, createApp, type TestApp } from "../harness/api.ts"
import { connectShared } from "../harness/connect.ts"
import { type Replicas, startReplicas } from "../harness/replicas.ts"
import { resetSandbox } from "../harness/sandbox.ts"
import { databases } from "../harness/server.ts"
import { testCatalog } from "../harness/test-catalog.ts"
import { startWebhookReceiver, type WebhookReceiver } from "../harness/webhook-receiver.ts"
import { type DeliveryBody, type Webhooks, webhooksOf } from "./webhook-steps.ts"

const hourMs = 3_600_000
const patience = { timeout: 20_000 }
const events = ["connection.connected"]

describe.each(databases)("delivering webhooks on %s", (database) => {
  let replicas: Replicas
  let receiver: WebhookReceiver
  let webhooks: Webhooks
  let url: string
  let app: TestApp
  let path: string
  let count = 0

  beforeAll(async () => {
    receiver = await startWebhookReceiver()
    replicas = await startReplicas({ database, count: database === "postgres" ? 2 : 1, catalog: testCatalog })
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
  })

  const create = async (target = receiver.url + path) =>
    (await webhooks.create({ url: target, events, app_id: app.id })).body
  const connect = (type = "steady") => connectShared(url, app, type)
  const ids = (of = path) => receiver.received(of).map(({ headers }) => headers["webhook-id"])
  const first = async (id: string): Promise<DeliveryBody | undefined> => (await webhooks.deliveries(id))[0]
  async function expectFirst(id: string, shape: Partial<Record<keyof DeliveryBody, unknown>>): Promise<void> {
    await expect.poll(() => first(id), patience).toMatchObject(shape)
  }

  test("an answer of 2xx ends it, and the list says so", async () => {
    const { id } = await create()
    await connect()
    await expectFirst(id, {
      outcome: "delivered",
      tries: 1,
      http_status: 204,
      error: null,
      next_try_at: null,
    })
    expect((await first(id))?.id).toBe(ids()[0])
  })

  test.each([500, 404, 429])("%i is tried again later, under the same id", async (status) => {
    receiver.answers(path, status)
    const { id } = await create()
    await connect()
    await expectFirst(id, { outcome: "pending", tries: 1, http_status: status, error: `HTTP ${status}` })
    expect((await webhooks.list()).find((one) => one.id === id)?.failing_since).not.toBeNull()
    await replicas.moveClock(10_000)
    await expectFirst(id, { outcome: "delivered", tries: 2, http_status: 204 })
    expect(ids()).toHaveLength(2)
    expect(new Set(ids()).size).toBe(1)
    await expect
      .poll(async () => (await webhooks.list()).find((one) => one.id === id)?.failing_since, patience)
      .toBeNull()
  })

  test("an endpoint that hangs delays no other, and is given up at the deadline", async () => {
    receiver.always(path, () => undefined)
    const hanging = await create()
    await connect("brief")
    await expect.poll(() => ids().length, patience).toBe(1)
    const other = `${path}-other`
    await create(receiver.url + other)
    await connect()
    await expect.poll(() => receiver.received(other).length, patience).toBe(1)
    // The first request to the hanging one is still open.
    expect((await webhooks.deliveries(hanging.id)).at(-1)).toMatchObject({ tries: 1, error: null })
    await expect
      .poll(async () => (await webhooks.deliveries(hanging.id)).at(-1)?.error, patience)
      .toBe("timeout")
    receiver.always(path, 204)
  })

  test("a failing endpoint rests as long as it asks, then gets one message, and all of them when it answers", async () => {
    receiver.always(path, (response) => response.writeHead(503, { "retry-after": "3600" }).end())
    const { id } = await create()
    await connect()
    await expectFirst(id, { outcome: "pending", tries: 1 })
    for (const type of ["rotating", "brief", "one_by_one"]) await connect(type)
    expect(ids()).toHaveLength(1)
    await replicas.moveClock(hourMs)
    await expect.poll(() => ids().length, patience).toBe(2)
    // Its rest begins when the refusal is on record.
    const tries = async () =>
      (await webhooks.deliveries(id)).reduce((sum, delivery) => sum + delivery.tries, 0)
    await expect.poll(tries, patience).toBe(2)
    receiver.always(path, 204)
    await replicas.moveClock(2 * hourMs)
    await expect
      .poll(async () => (await webhooks.deliveries(id)).map(({ outcome }) => outcome), patience)
      .toEqual(["delivered", "delivered", "delivered", "delivered"])
    expect(ids()).toHaveLength(6)
  })

  test("a redirect is not followed", async () => {
    const elsewhere = `${path}-elsewhere`
    receiver.answers(path, (response) =>
      response.writeHead(307, { location: receiver.url + elsewhere }).end(),
    )
    const { id } = await create()
    await connect()
    await expectFirst(id, {
      outcome: "pending",
      http_status: 307,
      error: "HTTP 307: redirects are not followed",
    })
    expect(receiver.received(elsewhere)).toEqual([])
  })

  test.each(["http://10.11.12.13/hook", "https://169.254.169.254/hook", "https://[fd00::1]/hook"])(
    "%s is not reached: the list says why",
    async (target) => {
      const { id } = await create(target)
      await connect()
      await expectFirst(id, {
        outcome: "pending",
        http_status: null,
        error: expect.stringMatching(/^address_refused/),
      })
    },
  )

  test("after a day without an answer a message is given up", async () => {
    receiver.always(path, 500)
    const { id } = await create()
    await connect()
    await expectFirst(id, { outcome: "pending", tries: 1 })
    await replicas.moveClock(25 * hourMs)
    await expectFirst(id, { outcome: "failed", next_try_at: null })
    receiver.always(path, 204)
  })

  test("an endpoint that has failed for five days is disabled, audited, and enabled again by hand", async () => {
    receiver.always(path, 500)
    const { id } = await create()
    await connect()
    await expectFirst(id, { tries: 1 })
    await replicas.moveClock(5 * 24 * hourMs)
    await expect
      .poll(async () => (await webhooks.list()).find((one) => one.id === id), patience)
      .toMatchObject({ status: "disabled", disabled_reason: "every delivery has failed for five days" })
    const before = ids().length
    await connect("rotating")
    receiver.always(path, 204)
    expect((await webhooks.call("POST", `${id}/enable`)).body).toMatchObject({ status: "enabled" })
    await connect("brief")
    await expect.poll(() => ids().length, patience).toBe(before + 1)
  })

  test("410 Gone disables an endpoint at once", async () => {
    receiver.answers(path, 410)
    const { id } = await create()
    await connect()
    await expect
      .poll(async () => (await webhooks.list()).find((one) => one.id === id)?.disabled_reason, patience)
      .toBe("it answered 410 Gone")
    await expectFirst(id, { outcome: "failed", http_status: 410 })
  })

  test("the old secret signs too for a day after a rotation, and then no longer", async () => {
    const { id, secret: old } = await create()
    const rotated = await webhooks.call<{ secret: string; previous_secret_until: string }>(
      "POST",
      `${id}/rotate-secret`,
    )
    expect(rotated.body.secret).toMatch(/^whsec_/)
    expect(rotated.body.secret).not.toBe(old)
    await connect()
    await expect.poll(() => ids().length, patience).toBe(1)
    const verify = (secret: string, index: number) => {
      const message = receiver.received(path)[index]
      return new Webhook(secret).verify(message?.body ?? "", message?.headers as Record<string, string>)
    }
    expect(verify(old, 0)).toEqual(verify(rotated.body.secret, 0))
    await replicas.moveClock(24 * hourMs)
    await connect("rotating")
    await expect.poll(() => ids().length, patience).toBe(2)
    expect(() => verify(old, 1)).toThrow("No matching signature")
    expect(verify(rotated.body.secret, 1)).toMatchObject({ type: "connection.connected" })
  })

  test("a test message is sent at once and its outcome answered", async () => {
    const { id, secret } = await create()
    const sent = await webhooks.call<DeliveryBody>("POST", `${id}/test`)
    expect(sent.body).toMatchObject({
      event: "webhook.test",
      outcome: "delivered",
      http_status: 204,
      tries: 1,
    })
    const message = receiver.received(path)[0]
    expect(
      new Webhook(secret).verify(message?.body ?? "", message?.headers as Record<string, string>),
    ).toMatchObject({
      type: "webhook.test",
      data: { webhook_id: id },
    })
    receiver.answers(path, 500)
    expect((await webhooks.call("POST", `${id}/test`)).body).toMatchObject({
      outcome: "failed",
      error: "HTTP 500",
    })
    expect(receiver.received(path)).toHaveLength(2)
  })

  test("the list goes by pages, newest first, and never shows a secret", async () => {
    const { id, secret } = await create()
    for (let sent = 0; sent < 5; sent += 1) await webhooks.call("POST", `${id}/test`)
    const seen: string[] = []
    let cursor: string | null = ""
    while (cursor !== null) {
      const query: string = `${id}/deliveries?limit=2${cursor === "" ? "" : `&cursor=${cursor}`}`
      const answer: { body: { deliveries: DeliveryBody[]; next_cursor: string | null } } =
        await webhooks.call("GET", query)
      expect(JSON.stringify(answer.body)).not.toContain(secret)
      seen.push(...answer.body.deliveries.map((one) => one.id))
      cursor = answer.body.next_cursor
    }
    expect(seen).toEqual(ids().toReversed())
    expect(JSON.stringify(await webhooks.list())).not.toContain(secret)
    expect((await webhooks.call("GET", `${id}/deliveries?cursor=x`)).status).toBe(400)
  })

  test("a deleted endpoint is told nothing more and is gone from every list", async () => {
    const { id } = await create()
    expect((await webhooks.call("DELETE", id)).body).toEqual({ status: "deleted", id })
    expect((await webhooks.call("DELETE", id)).status).toBe(404)
    expect((await webhooks.call("GET", `${id}/deliveries`)).status).toBe(404)
    await connect()
    const after = await create(`${receiver.url}${path}-after`)
    await connect("rotating")
    await expectFirst(after.id, { outcome: "delivered" })
    expect(receiver.received(path)).toEqual([])
  })

  test.each([
    ["ftp://example.com/x", 422],
    ["not a url", 422],
    ["https://user:password@example.com/", 422],
  ])("%s is refused as an address", async (target, status) => {
    const refused = await webhooks.create({ url: target, events })
    expect(refused).toMatchObject({ status, body: { code: "INVALID_REQUEST" } })
  })

  test("unknown events, no events and another workspace's app are refused", async () => {
    const target = receiver.url + path
    expect((await webhooks.create({ url: target, events: ["connection.exploded"] })).status).toBe(400)
    expect((await webhooks.create({ url: target, events: [] })).status).toBe(400)
    expect(await webhooks.create({ url: target, events, app_id: "app_nobodys" })).toMatchObject({
      status: 404,
      body: { code: "NOT_FOUND" },
    })
  })

  test("two replicas deliver each message once", async () => {
    const { id } = await create()
    for (const type of ["steady", "rotating", "brief", "one_by_one", "whole_grant", "live_access"]) {
      await connect(type)
      await call(url, "DELETE", `/api/apps/${app.id}/external-auth/integrations/${type}`)
    }
    await expect
      .poll(
        async () => (await webhooks.deliveries(id)).filter(({ outcome }) => outcome === "delivered").length,
        patience,
      )
      .toBe(6)
    expect(ids()).toHaveLength(6)
    expect(new Set(ids()).size).toBe(6)
  })
})
