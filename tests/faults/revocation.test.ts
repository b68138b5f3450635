import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest"
import { call, createApp, fetchToken, type TestApp } from "../harness/api.ts"
import { connectShared } from "../harness/connect.ts"
import { type Replicas, startReplicas } from "../harness/replicas.ts"
import { callProvider, liveTokens, requestsTo, resetSandbox, setFault } from "../harness/sandbox.ts"
import { databases } from "../harness/server.ts"
import { testCatalog } from "../harness/test-catalog.ts"
import { expectNoReuse } from "./invariants.ts"

const hourMs = 3_600_000
/** Many passes of the outbox. */
const patience = { timeout: 15_000 }

describe.each(databases)("revoking at the provider, on %s", (database) => {
  let replicas: Replicas
  let url: string
  let app: TestApp
  beforeAll(async () => {
    replicas = await startReplicas({
      database,
      count: 1,
      catalog: testCatalog,
      env: { GRANTRY_PROVIDER_TIMEOUT_MS: "1500" },
    })
    url = replicas.first.url
  })
  afterAll(() => replicas.destroy())
  afterEach(() => expectNoReuse(replicas.sandbox))
  beforeEach(async () => {
    await resetSandbox(replicas.sandbox)
    app = await createApp(url)
  })

  const disconnect = async (type: string, of = app) =>
    (await call(url, "DELETE", `/api/apps/${of.id}/external-auth/integrations/${type}`)).body["revoked"]
  const live = (type: string) => liveTokens(replicas.sandbox, type)
  const requests = (type: string, endpoint: string) => requestsTo(replicas.sandbox, type, endpoint)

  test.each(["5xx_then_ok", "rate_limited", "hang"])(
    "%s at disconnect: pending, the tokens are gone here, and later there",
    async (fault) => {
      await connectShared(url, app, "steady")
      await setFault(replicas.sandbox, "steady", fault, { endpoint: "revoke" })
      expect(await disconnect("steady")).toBe("pending")
      expect((await fetchToken(url, app, "steady")).status).toBe(404)
      await replicas.moveClock(2_000)
      await expect.poll(() => live("steady"), patience).toEqual([])
      expect((await requests("steady", "revoke")).at(-1)).toMatchObject({ outcome: "ok" })
    },
  )

  test("a connection that is forgotten at once is revoked later all the same", async () => {
    await connectShared(url, app, "steady")
    await setFault(replicas.sandbox, "steady", "5xx_then_ok", { endpoint: "revoke" })
    const path = `/api/apps/${app.id}/external-auth/integrations/steady/remove`
    expect((await call(url, "DELETE", path)).body).toEqual({
      status: "removed",
      integration_type: "steady",
      revoked: "pending",
    })
    await replicas.moveClock(2_000)
    await expect.poll(() => live("steady"), patience).toEqual([])
  })

  test("a grant on which another live connection hangs stays, and ends with the last one", async () => {
    const second = await createApp(url)
    await connectShared(url, app, "whole_grant")
    await connectShared(url, second, "whole_grant")
    expect(await disconnect("whole_grant")).toBe("kept_shared")
    const { body } = await fetchToken(url, second, "whole_grant")
    expect(
      await callProvider(
        replicas.sandbox,
        "whole_grant",
        "https://whole-grant.example.com/api",
        body.access_token,
      ),
    ).toBe(200)
    expect(await disconnect("whole_grant", second)).toBe("revoked")
    expect(await live("whole_grant")).toEqual([])
  })

  test("two that share a grant and end at the same moment leave nothing behind", async () => {
    for (let round = 0; round < 25; round += 1) {
      const second = await createApp(url)
      await connectShared(url, app, "whole_grant")
      await connectShared(url, second, "whole_grant")
      const outcomes = await Promise.all([disconnect("whole_grant"), disconnect("whole_grant", second)])
      expect(outcomes).toContain("revoked")
      expect(await live("whole_grant")).toEqual([])
    }
  })

  test("a revocation that waited does not end the grant of a new consent", async () => {
    await connectShared(url, app, "whole_grant")
    await setFault(replicas.sandbox, "whole_grant", "5xx_then_ok", { endpoint: "revoke" })
    expect(await disconnect("whole_grant")).toBe("pending")
    await connectShared(url, app, "whole_grant")
    await replicas.moveClock(2_000)
    await expect
      .poll(() => replicas.first.logged(), patience)
      .toMatch(/"type":"whole_grant","outcome":"kept_shared"/)
    expect(await requests("whole_grant", "revoke")).toHaveLength(1)
    const { body } = await fetchToken(url, app, "whole_grant")
    expect(
      await callProvider(
        replicas.sandbox,
        "whole_grant",
        "https://whole-grant.example.com/api",
        body.access_token,
      ),
    ).toBe(200)
  })

  test("where each token is revoked by itself, each is", async () => {
    await connectShared(url, app, "one_by_one")
    expect(await disconnect("one_by_one")).toBe("revoked")
    expect(await requests("one_by_one", "revoke")).toHaveLength(2)
    expect(await live("one_by_one")).toEqual([])
  })

  describe("where only a living access token revokes", () => {
    test("it is presented as it is while it lives", async () => {
      await connectShared(url, app, "live_access")
      expect(await disconnect("live_access")).toBe("revoked")
      expect(await requests("live_access", "refresh")).toHaveLength(0)
      expect(await live("live_access")).toEqual([])
    })

    test("an expired one is refreshed first, and what that brings is revoked", async () => {
      await connectShared(url, app, "live_access")
      await replicas.moveClock(2 * hourMs)
      expect(await disconnect("live_access")).toBe("revoked")
      expect(await requests("live_access", "refresh")).toHaveLength(1)
      expect(await requests("live_access", "revoke")).toHaveLength(1)
      expect(await live("live_access")).toEqual([])
    })

    test("a refresh token that rotated on the way is not presented again by the next try", async () => {
      await connectShared(url, app, "live_access")
      await replicas.moveClock(2 * hourMs)
      await setFault(replicas.sandbox, "live_access", "5xx_then_ok", { endpoint: "revoke" })
      expect(await disconnect("live_access")).toBe("pending")
      // The next try comes when the token of the first has died too.
      await replicas.moveClock(2 * hourMs)
      await expect.poll(() => live("live_access"), patience).toEqual([])
      expect((await requests("live_access", "refresh")).map(({ outcome }) => outcome)).toEqual(["ok", "ok"])
      expect((await requests("live_access", "revoke")).at(-1)).toMatchObject({ outcome: "ok" })
    })

    test("a grant that turns out to be dead counts as revoked", async () => {
      await connectShared(url, app, "live_access")
      await replicas.moveClock(2 * hourMs)
      await setFault(replicas.sandbox, "live_access", "refresh_reuse", { endpoint: "refresh" })
      expect(await disconnect("live_access")).toBe("revoked")
      expect(await live("live_access")).toEqual([])
    })
  })

  test("a grant that has died already is disconnected as revoked", async () => {
    await connectShared(url, app, "steady")
    await call(replicas.sandbox, "POST", "/sandbox/_control/revoke", { as: null, body: { type: "steady" } })
    expect(await disconnect("steady")).toBe("revoked")
    expect(await disconnect("steady")).toBe("unsupported")
  })
})
