/** Grantry's OAuth engine against `oidc-provider`, through a catalogue entry that holds nothing but data. */
import { setTimeout as sleep } from "node:timers/promises"
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest"
import { call, fetchToken, type TestApp } from "../harness/api.ts"
import { moveClock } from "../harness/sandbox.ts"
import { databases } from "../harness/server.ts"
import {
  connectOpenId,
  freshApp,
  lastRefreshToken,
  type OpenIdSetup,
  openIdTypes,
  presentRefreshToken,
  startOpenIdSetup,
  userinfoStatus,
} from "./openid-setup.ts"

const pastExpiryMs = 61_000

describe.each(databases)("oidc-provider, connected through a server on %s", (database) => {
  let setup: OpenIdSetup
  let app: TestApp
  beforeAll(async () => {
    setup = await startOpenIdSetup(database)
  })
  afterAll(() => setup[Symbol.asyncDispose]())
  beforeEach(async () => {
    app = await freshApp(setup)
  })

  const userinfo = (accessToken: string) => userinfoStatus(setup, accessToken)

  describe.each(openIdTypes)("%s", (type) => {
    const connect = () => connectOpenId(setup, app, type)
    const token = () => fetchToken(setup.server.url, app, type)
    const runOut = () => moveClock(setup.server.url, pastExpiryMs)

    test("connects with PKCE and hands out a token that the provider accepts", async () => {
      const first = await connect()
      expect(first).toMatchObject({
        status: 200,
        body: {
          integration_type: type,
          account: { id: "ada", label: "ada@op.test" },
          scopes: expect.arrayContaining(["openid", "email", "offline_access"]),
          missing_scopes: [],
        },
      })
      expect(await userinfo(first.body.access_token)).toBe(200)
      const exchange = setup.provider.tokenRequests.at(-1)
      expect(exchange).toMatchObject({ grantType: "authorization_code", status: 200 })
      // The ID token that comes along is nobody's concern.
      const both = { id_token: expect.any(String), refresh_token: expect.any(String) }
      expect(exchange?.answer).toMatchObject(both)
    })

    test("one refresh serves fifty callers that come at once", async () => {
      const first = await connect()
      const before = setup.provider.tokenRequests.length
      setup.provider.tokenDelayMs = 100
      await runOut()
      const answers = await Promise.all(Array.from({ length: 50 }, token))
      expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]))
      const fresh = [...new Set(answers.map(({ body }) => body.access_token))]
      expect(fresh).toEqual([expect.not.stringMatching(first.body.access_token)])
      expect(await userinfo(fresh[0] ?? "")).toBe(200)
      const refresh = { grantType: "refresh_token", status: 200 }
      expect(setup.provider.tokenRequests.slice(before)).toMatchObject([refresh])
    })

    test("every link of a chain of rotated refresh tokens is presented once", async () => {
      let last = (await connect()).body.access_token
      const before = setup.provider.tokenRequests.length
      for (let link = 0; link < 5; link += 1) {
        await runOut()
        const { body, status } = await token()
        expect(status).toBe(200)
        expect(body.access_token).not.toBe(last)
        expect(await userinfo(body.access_token)).toBe(200)
        last = body.access_token
      }
      const refreshes = setup.provider.tokenRequests.slice(before)
      expect(refreshes.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200])
      expect(new Set(refreshes.map(({ refreshToken }) => refreshToken)).size).toBe(5)
    })

    test("disconnecting ends the grant at the provider", async () => {
      const { body } = await connect()
      const refreshToken = lastRefreshToken(setup)
      expect(await userinfo(body.access_token)).toBe(200)
      const path = `/api/apps/${app.id}/external-auth/integrations/${type}`
      const ended = await call(setup.server.url, "DELETE", path)
      expect(ended).toMatchObject({ status: 200, body: { revoked: "revoked" } })
      expect(await userinfo(body.access_token)).toBe(401)
      expect(await presentRefreshToken(setup, type, refreshToken)).toMatchObject({ error: "invalid_grant" })
      expect((await token()).status).toBe(404)
    })

    test("a used refresh token that comes back ends the grant, and the next refresh says so", async () => {
      await connect()
      const stolen = lastRefreshToken(setup)
      await runOut()
      const { body } = await token()
      expect(await presentRefreshToken(setup, type, stolen)).toMatchObject({ error: "invalid_grant" })
      expect(await userinfo(body.access_token)).toBe(401)
      await runOut()
      await expectReconnectRequired()
    })

    test("a thief who refreshes first loses what he got as soon as we refresh", async () => {
      await connect()
      const theft = await presentRefreshToken(setup, type, lastRefreshToken(setup))
      const stolen = String(theft["access_token"])
      expect(await userinfo(stolen)).toBe(200)
      await runOut()
      await expectReconnectRequired()
      expect(await userinfo(stolen)).toBe(401)
    })

    /** The provider is told nothing more until somebody connects again. */
    async function expectReconnectRequired(): Promise<void> {
      const detail = expect.stringMatching(/^No active connection/)
      const body = { code: "RECONNECT_REQUIRED", provider_error: "invalid_grant", detail }
      expect(await token()).toMatchObject({ status: 409, body })
      const asked = setup.provider.tokenRequests.length
      expect(await token()).toMatchObject({ status: 409, body })
      expect(setup.provider.tokenRequests.length).toBe(asked)
      const again = await connect()
      expect(again.status).toBe(200)
      expect(await userinfo(again.body.access_token)).toBe(200)
    }
  })

  test("a token that dies by the provider's own clock is replaced by one that lives", async () => {
    const lifeS = 2
    setup.provider.accessTokenLifeS = lifeS
    const connectedAt = performance.now()
    const { body } = await connectOpenId(setup, app, "openid_basic")
    // The server counts from its own request, so both have seen the end by then.
    await sleep(connectedAt + lifeS * 1000 + 500 - performance.now())
    expect(await userinfo(body.access_token)).toBe(401)
    setup.provider.accessTokenLifeS = 60
    const fresh = await fetchToken(setup.server.url, app, "openid_basic")
    expect(fresh.status).toBe(200)
    expect(await userinfo(fresh.body.access_token)).toBe(200)
  })
})
