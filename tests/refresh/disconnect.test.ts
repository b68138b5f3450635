import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest"
import { call, createApp, fetchToken, type TestApp } from "../harness/api.ts"
import { connectShared, consent, initiate } from "../harness/connect.ts"
import { type Replicas, startReplicas } from "../harness/replicas.ts"
import {
  callProvider,
  liveTokens,
  requestsTo,
  resetSandbox,
  setClient,
  setFault,
} from "../harness/sandbox.ts"
import { databases } from "../harness/server.ts"
import { testCatalog } from "../harness/test-catalog.ts"

const hourMs = 3_600_000
const patience = { timeout: 12_000 }

describe.each(databases)("a refresh in flight when the connection changes, on %s", (database) => {
  let replicas: Replicas
  let url: string
  let app: TestApp
  beforeAll(async () => {
    replicas = await startReplicas({ database, count: 1, catalog: testCatalog })
    url = replicas.first.url
  })
  afterAll(() => replicas.destroy())
  beforeEach(async () => {
    await resetSandbox(replicas.sandbox)
    app = await createApp(url)
  })

  /** Connects, lets the token expire, and asks for it while the provider holds its answer back. */
  async function askSlowly(type: string, delayMs: number) {
    await connectShared(url, app, type)
    await replicas.moveClock(24 * hourMs)
    await setFault(replicas.sandbox, type, "slow", { endpoint: "refresh", delay_ms: delayMs })
    const waiting = fetchToken(url, app, type)
    await expect.poll(() => requestsTo(replicas.sandbox, type, "refresh"), patience).toHaveLength(1)
    return waiting
  }

  const disconnect = (type: string) =>
    call(url, "DELETE", `/api/apps/${app.id}/external-auth/integrations/${type}`)

  test("disconnect wins: the late answer is handed to nobody, and what it brought is revoked at the provider", async () => {
    // With rotation, Slack ends each token by itself: a late token that nobody revokes would live on.
    await setClient(replicas.sandbox, "slack", { rotation: true })
    const slow = askSlowly("slack", 2_500)
    await expect.poll(() => requestsTo(replicas.sandbox, "slack", "refresh"), patience).toHaveLength(1)
    expect(await disconnect("slack")).toMatchObject({
      status: 200,
      body: { status: "disconnected", revoked: "revoked" },
    })
    expect(await fetchToken(url, app, "slack")).toMatchObject({ status: 404, body: { code: "NOT_FOUND" } })
    expect(await liveTokens(replicas.sandbox, "slack")).not.toEqual([])

    expect(await slow).toMatchObject({
      status: 404,
      body: { code: "NOT_FOUND", detail: "Connector connection not found" },
    })
    expect(await fetchToken(url, app, "slack")).toMatchObject({ status: 404 })
    await expect.poll(() => liveTokens(replicas.sandbox, "slack"), patience).toEqual([])
  })

  test("a new consent wins: waiting callers get its token, and the late answer does not end the new grant", async () => {
    const slow = askSlowly("whole_grant", 2_500)
    await expect.poll(() => requestsTo(replicas.sandbox, "whole_grant", "refresh"), patience).toHaveLength(1)
    const begun = await initiate(url, app, "whole_grant", { force_reconnect: true })
    expect((await consent(begun.redirect_url ?? "")).status).toBe(200)
    const fresh = await fetchToken(url, app, "whole_grant")
    expect(fresh.status).toBe(200)

    expect(await slow).toMatchObject({ status: 200, body: { access_token: fresh.body.access_token } })
    await expect.poll(() => replicas.first.logged(), patience).toContain('"outcome":"kept_shared"')
    expect(await requestsTo(replicas.sandbox, "whole_grant", "revoke")).toEqual([])
    expect(
      await callProvider(
        replicas.sandbox,
        "whole_grant",
        "https://whole-grant.example.com/api",
        fresh.body.access_token,
      ),
    ).toBe(200)
    await replicas.moveClock(2 * hourMs)
    expect((await fetchToken(url, app, "whole_grant")).status).toBe(200)
  })
})
