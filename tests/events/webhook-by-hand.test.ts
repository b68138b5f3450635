/** What a member does by hand: switches an endpoint off and on, and sends what did not arrive once more. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest"
import { type Answer, createApp, type TestApp } from "../harness/api.ts"
import { connectShared } from "../harness/connect.ts"
import { type Replicas, startReplicas } from "../harness/replicas.ts"
import { databases } from "../harness/server.ts"
import { testCatalog } from "../harness/test-catalog.ts"
import { startWebhookReceiver, type WebhookReceiver } from "../harness/webhook-receiver.ts"
import { type DeliveryBody, type WebhookBody, type Webhooks, webhooksOf } from "./webhook-steps.ts"

const hourMs = 3_600_000
const patience = { timeout: 60_000 }

describe.each(databases)("webhooks by hand on %s", (database) => {
  let replicas: Replicas
  let receiver: WebhookReceiver
  let webhooks: Webhooks
  let app: TestApp
  let path: string
  let count = 0

  beforeAll(async () => {
    receiver = await startWebhookReceiver()
    replicas = await startReplicas({ database, count: 1, catalog: testCatalog })
    webhooks = await webhooksOf(replicas.first.url)
  })
  afterAll(async () => {
    await replicas.destroy()
    await receiver.close()
  })
  beforeEach(async () => {
    app = await createApp(replicas.first.url)
    path = `/hook-${(count += 1)}`
  })

  const create = async () => {
    const body = { url: receiver.url + path, events: ["connection.connected"], app_id: app.id }
    return (await webhooks.create(body)).body
  }
  const one = async (id: string): Promise<WebhookBody | undefined> =>
    (await webhooks.list()).find((webhook) => webhook.id === id)
  const first = async (id: string): Promise<DeliveryBody | undefined> => (await webhooks.deliveries(id))[0]
  async function expectFirst(id: string, shape: Partial<Record<keyof DeliveryBody, unknown>>): Promise<void> {
    await expect.poll(() => first(id), patience).toMatchObject(shape)
  }
  const retry = async (id: string): Promise<Answer<DeliveryBody & { code?: string }>> =>
    webhooks.call("POST", `${id}/deliveries/${(await first(id))?.id}/retry`)
  const connect = () => connectShared(replicas.first.url, app, "steady")

  test("one that was switched off hears nothing, says why, and hears again once it is switched on", async () => {
    const { id } = await create()
    expect((await webhooks.call<WebhookBody>("POST", `${id}/disable`)).body).toMatchObject({
      status: "disabled",
      disabled_reason: "a member switched it off",
    })
    await connect()
    expect(await webhooks.deliveries(id)).toEqual([])
    expect((await webhooks.call<WebhookBody>("POST", `${id}/disable`)).status).toBe(200)
    await webhooks.call("POST", `${id}/enable`)
    expect(await one(id)).toMatchObject({ status: "enabled", disabled_reason: null })
    await connectShared(replicas.first.url, app, "rotating")
    await expectFirst(id, { outcome: "delivered" })
  })

  test("what failed is sent once more under its id, and has arrived when it is answered", async () => {
    receiver.always(path, 500)
    const { id } = await create()
    await connect()
    await expectFirst(id, { outcome: "pending", tries: 1 })
    await webhooks.call("POST", `${id}/disable`)
    await expectFirst(id, { outcome: "failed" })
    expect((await retry(id)).body).toMatchObject({ outcome: "failed", tries: 2, http_status: 500 })

    receiver.always(path, 204)
    expect((await retry(id)).body).toMatchObject({
      outcome: "delivered",
      tries: 3,
      http_status: 204,
      error: null,
    })
    expect(new Set(receiver.received(path).map(({ headers }) => headers["webhook-id"])).size).toBe(1)
    expect(await retry(id)).toMatchObject({ status: 409, body: { code: "INVALID_REQUEST" } })
    expect(receiver.received(path)).toHaveLength(3)
  })

  test("what still waits is sent at once; when it fails again it waits as long as before", async () => {
    receiver.always(path, 503)
    const { id } = await create()
    await connect()
    await expectFirst(id, { outcome: "pending", tries: 1 })
    const before = await first(id)
    expect((await retry(id)).body).toMatchObject({
      outcome: "pending",
      tries: 2,
      http_status: 503,
      next_try_at: before?.next_try_at,
    })
    receiver.always(path, 204)
    expect((await retry(id)).body).toMatchObject({ outcome: "delivered", tries: 3 })
    expect(await one(id)).toMatchObject({ failing_since: null })
  })

  test("one that is older than a day arrives too", async () => {
    receiver.always(path, 500)
    const { id } = await create()
    await connect()
    await expectFirst(id, { outcome: "pending", tries: 1 })
    await webhooks.call("POST", `${id}/disable`)
    await replicas.moveClock(30 * hourMs)
    receiver.always(path, 204)
    expect((await retry(id)).body).toMatchObject({ outcome: "delivered" })
  })

  test("of several who send the same at once, one does and the others are told", async () => {
    receiver.always(path, 500)
    const { id } = await create()
    await connect()
    await expectFirst(id, { outcome: "pending", tries: 1 })
    await webhooks.call("POST", `${id}/disable`)
    receiver.always(path, 204)
    const answers = await Promise.all(Array.from({ length: 8 }, () => retry(id)))
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1)
    expect(answers.filter(({ status }) => status === 409)).toHaveLength(7)
    expect(receiver.received(path)).toHaveLength(2)
  })
})
