/** `POST …/integrations/{type}/check`: whether a shared connection works, told without a token. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest"
import { call, createApp, fetchToken, type TestApp } from "../harness/api.ts"
import { connectShared } from "../harness/connect.ts"
import { moveClock, requestsTo, resetSandbox, setFault } from "../harness/sandbox.ts"
import { databases, startTestServer, type TestServer } from "../harness/server.ts"
import { testCatalog } from "../harness/test-catalog.ts"

interface CheckBody {
  readonly ok: boolean
  readonly code?: string
  readonly steps: readonly { step: string; outcome: string; detail: string | null }[]
}

describe.each(databases)("checking a shared connection on %s", (database) => {
  let server: TestServer
  let app: TestApp

  beforeAll(async () => {
    server = await startTestServer({ database, catalog: testCatalog })
  })
  afterAll(() => server.destroy())
  beforeEach(async () => {
    await resetSandbox(server.url)
    app = await createApp(server.url)
  })

  const check = (type: string, as?: { bearer: string }) =>
    call<CheckBody>(server.url, "POST", `/api/apps/${app.id}/external-auth/integrations/${type}/check`, {
      ...(as && { as }),
    })
  const outcomes = (body: CheckBody) => body.steps.map(({ step, outcome }) => `${step} ${outcome}`)
  const refreshes = async (type: string) => (await requestsTo(server.url, type, "refresh")).length

  test("a working one passes all three steps, with exactly one refresh, and stays connected", async () => {
    await connectShared(server.url, app, "rotating")
    const before = await fetchToken(server.url, app, "rotating")
    const { status, body } = await check("rotating")
    expect({ status, ok: body.ok, steps: outcomes(body) }).toEqual({
      status: 200,
      ok: true,
      steps: ["api_call ok", "refresh ok", "api_call_after_refresh ok"],
    })
    expect(await refreshes("rotating")).toBe(1)
    const after = await fetchToken(server.url, app, "rotating")
    expect(after.status).toBe(200)
    expect(after.body.access_token).not.toBe(before.body.access_token)
    expect(JSON.stringify(body)).not.toContain(before.body.access_token)
    expect(JSON.stringify(body)).not.toContain(after.body.access_token)
  })

  test("a refused refresh is told in the provider's words and not tried again", async () => {
    await connectShared(server.url, app, "rotating")
    await setFault(server.url, "rotating", "invalid_grant")
    const { body } = await check("rotating")
    expect(body.ok).toBe(false)
    expect(outcomes(body)).toEqual(["api_call ok", "refresh failed", "api_call_after_refresh skipped"])
    expect(body.steps[1]?.detail).toContain("invalid_grant")
    expect(await refreshes("rotating")).toBe(1)
  })

  test("two checks at once share one refresh of a rotating token", async () => {
    await connectShared(server.url, app, "rotating")
    await setFault(server.url, "rotating", "slow")
    const answers = await Promise.all([check("rotating"), check("rotating")])
    expect(answers.map(({ body }) => body.ok)).toEqual([true, true])
    expect((await fetchToken(server.url, app, "rotating")).status).toBe(200)
  })

  test("a grant without a refresh token is not refreshed, and lives on", async () => {
    await setFault(server.url, "steady", "no_refresh_token")
    await connectShared(server.url, app, "steady")
    const { body } = await check("steady")
    expect(outcomes(body)).toEqual(["api_call ok", "refresh unsupported", "api_call_after_refresh ok"])
    expect(await refreshes("steady")).toBe(0)
    expect((await fetchToken(server.url, app, "steady")).status).toBe(200)
  })

  test("an expired token is refreshed first", async () => {
    await connectShared(server.url, app, "steady")
    await moveClock(server.url, 3_700_000)
    const { body } = await check("steady")
    expect({ ok: body.ok, steps: outcomes(body) }).toEqual({
      ok: true,
      steps: ["api_call skipped", "refresh ok", "api_call_after_refresh ok"],
    })
  })

  test("what was never connected, or is unknown, or may not be checked, says so", async () => {
    expect(await check("steady")).toMatchObject({ status: 404, body: { code: "NOT_FOUND" } })
    expect(await check("stedy")).toMatchObject({ status: 404, body: { code: "UNKNOWN_CONNECTOR_TYPE" } })
    expect(await check("steady", { bearer: app.serviceKey })).toMatchObject({ status: 403 })
    await connectShared(server.url, app, "steady")
    await call(server.url, "DELETE", `/api/apps/${app.id}/external-auth/integrations/steady`)
    expect(await check("steady")).toMatchObject({ status: 404, body: { code: "NOT_FOUND" } })
  })

  test("the redirect URIs say whose OAuth client each type uses", async () => {
    const { body } = await call<{ redirect_uris: { integration_type: string; credential_source: string }[] }>(
      server.url,
      "GET",
      `/api/apps/${app.id}/oauth-redirect-uris`,
    )
    expect(body.redirect_uris.find((line) => line.integration_type === "steady")).toMatchObject({
      credential_source: "sandbox",
    })
  })
})
