import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest"
import { fetchToken } from "../harness/api.ts"
import { type ConnectedApp, type FaultWorld, startFaultWorld } from "../harness/fault-world.ts"
import { connectAtProvider, disconnectAt } from "../harness/provider-consent.ts"
import { expectInvariants } from "./invariants.ts"

const patience = { timeout: 10_000, interval: 50 }

describe("a connection that changes while its refresh hangs in another replica", () => {
  let world: FaultWorld
  let app: ConnectedApp
  let letAnswer: () => void
  beforeAll(async () => {
    world = await startFaultWorld({ env: { GRANTRY_PROVIDER_TIMEOUT_MS: "20000" } })
  })
  afterAll(() => world.destroy())
  beforeEach(async () => {
    world.reset()
    world.provider.account = "ada"
    app = await world.connectOne()
    await world.expire()
  })

  /** The first replica asks; the provider has spent the token and keeps its answer to itself. */
  async function hangs(): Promise<{ readonly answered: Promise<unknown> }> {
    const held = Promise.withResolvers<void>()
    letAnswer = held.resolve
    world.provider.onRefresh(async ({ carryOut, response }) => {
      const { body } = carryOut()
      await held.promise
      response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(body))
    })
    const answered = fetchToken(world.one.url, app, "rotating")
    await expect.poll(() => world.provider.asked, patience).toBe(1)
    return { answered }
  }

  test("disconnected: no replica hands anything out, and what comes back late is revoked", async () => {
    const { answered } = await hangs()
    expect((await disconnectAt(world.two.url, app)).status).toBe(200)
    for (const replica of world.replicas) {
      if (replica !== world.one) expect((await world.read(app, replica)).status).toBe(404)
    }
    letAnswer()
    expect(await answered).toMatchObject({ status: 404, body: { code: "NOT_FOUND" } })
    await expect.poll(() => world.provider.liveRefreshTokens(), patience).toEqual([])
    await expectInvariants(world)
  })

  test("reconnected as somebody else: the late answer of the old account is revoked, the new one stands", async () => {
    const { answered } = await hangs()
    world.provider.account = "bob"
    expect((await connectAtProvider(world.two.url, app)).status).toBe(200)
    const fresh = await world.read(app, world.two)
    expect(fresh).toMatchObject({ status: 200, body: { account: { id: "bob" } } })
    letAnswer()
    expect(await answered).toMatchObject({ status: 200, body: { access_token: fresh.body.access_token } })
    await expect.poll(() => world.provider.liveRefreshTokens().length, patience).toBe(1)
    for (const replica of world.replicas)
      expect(await world.read(app, replica)).toMatchObject({ status: 200, body: { account: { id: "bob" } } })
    await world.expire()
    expect(await world.read(app)).toMatchObject({ status: 200, body: { account: { id: "bob" } } })
    await expectInvariants(world)
  })
})
