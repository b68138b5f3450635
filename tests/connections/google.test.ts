/** What a Google service needs besides what all of them share. */
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { call, createApp, fetchToken, type TestApp } from "../harness/api.ts"
import { connectShared } from "../harness/connect.ts"
import { startTestServer, type TestServer } from "../harness/server.ts"

describe("Google services", () => {
  let server: TestServer
  let app: TestApp
  beforeAll(async () => {
    server = await startTestServer({ database: "sqlite" })
    app = await createApp(server.url)
  })
  afterAll(() => server.destroy())

  test("the manager account of Google Ads may be left out, and reaches the caller where it is given", async () => {
    await connectShared(server.url, app, "googleads")
    expect((await fetchToken(server.url, app, "googleads")).body.connection_config).toBeNull()
    const other = await createApp(server.url)
    await connectShared(server.url, other, "googleads", { config: { login_customer_id: "1234567890" } })
    const { body } = await fetchToken(server.url, other, "googleads")
    expect(body.connection_config).toEqual({ login_customer_id: "1234567890" })
  })

  test.each(["123-456-7890", "12345", "customers/1234567890"])("%s is no customer id", async (id) => {
    const body = { integration_type: "googleads", connection_config: { login_customer_id: id } }
    const answer = await call(server.url, "POST", `/api/apps/${app.id}/external-auth/initiate`, { body })
    expect(answer).toMatchObject({ status: 400, body: { code: "INVALID_REQUEST" } })
  })

  test("a developer token is no value of a connection: it is the app's secret", async () => {
    const body = {
      integration_type: "googleads",
      connection_config: { developer_token: "AbCdEfGhIjKlMnOpQrStUv" },
    }
    const answer = await call(server.url, "POST", `/api/apps/${app.id}/external-auth/initiate`, { body })
    expect(answer).toMatchObject({ status: 400, body: { code: "INVALID_REQUEST" } })
  })

  test("disconnecting Gmail ends its grant although Calendar is connected to the same account: each has a client of its own", async () => {
    await connectShared(server.url, app, "gmail")
    await connectShared(server.url, app, "googlecalendar")
    const gone = await call(server.url, "DELETE", `/api/apps/${app.id}/external-auth/integrations/gmail`)
    expect(gone.body).toMatchObject({ revoked: "revoked" })
    expect((await fetchToken(server.url, app, "googlecalendar")).status).toBe(200)
  })
})
