/** A workspace's own OAuth client at `oidc-provider`, whose secret goes wrong and is mended. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest"
import { call, type TestApp, type TokenBody } from "../harness/api.ts"
import type { PageSeen } from "../harness/browser.ts"
import { initiate } from "../harness/connect.ts"
import { moveClock } from "../harness/sandbox.ts"
import { databases } from "../harness/server.ts"
import {
  consentTo,
  freshApp,
  type OpenIdSetup,
  startOpenIdSetup,
  userinfoStatus,
  workspaceSecret,
} from "./openid-setup.ts"

const hourMs = 3_600_000

describe.each(databases)("a workspace's own client of oidc-provider on %s", (database) => {
  let setup: OpenIdSetup
  let app: TestApp
  beforeAll(async () => {
    setup = await startOpenIdSetup(database)
  })
  afterAll(() => setup[Symbol.asyncDispose]())
  beforeEach(async () => {
    app = await freshApp(setup)
  })

  const readToken = () => {
    const path = `/api/apps/${app.id}/external-auth/tokens/connectors/${setup.workspaceClient.connectorId}`
    return call<TokenBody>(setup.server.url, "GET", path, { as: { bearer: app.serviceKey } })
  }
  const changeSecret = async (secret: string) => {
    const body = { client_secret: secret }
    const answer = await call(setup.server.url, "PUT", setup.workspaceClient.path, { body })
    expect(answer.status).toBe(200)
    expect(JSON.stringify(answer.body)).not.toContain(secret)
  }
  const clientProblem = async () =>
    (await call(setup.server.url, "GET", setup.workspaceClient.path)).body["client_problem"]
  const connect = async (): Promise<PageSeen> => {
    const connector = { connector_id: setup.workspaceClient.connectorId }
    return consentTo((await initiate(setup.server.url, app, "openid_workspace", connector)).redirect_url)
  }

  test("a secret that the provider rejects is the connector's trouble, never the connection's", async () => {
    expect((await connect()).status).toBe(200)
    const { body } = await readToken()
    expect(await userinfoStatus(setup, body.access_token)).toBe(200)

    await changeSecret("not what the provider knows")
    expect((await readToken()).body.access_token).toBe(body.access_token)
    await moveClock(setup.server.url, 61_000)
    const refused = await readToken()
    expect(refused).toMatchObject({ status: 503, body: { code: "OAUTH_CLIENT_REJECTED" } })
    expect(refused.body.detail).toContain(setup.workspaceClient.connectorId)
    expect(refused.headers.get("retry-after")).toMatch(/^\d+$/)
    expect(await clientProblem()).toContain("invalid_client")

    await changeSecret(workspaceSecret)
    expect(await clientProblem()).toBeNull()
    await moveClock(setup.server.url, hourMs)
    const mended = await readToken()
    expect(mended.status).toBe(200)
    expect(await userinfoStatus(setup, mended.body.access_token)).toBe(200)
  })

  test("a consent with a wrong secret ends on a page that says what to check", async () => {
    await changeSecret("still wrong")
    const page = await connect()
    expect(page.status).toBe(400)
    expect(page.html).toContain("invalid_client")
    expect(page.html).toContain("Check the client id and secret of this connector")
    expect(page.html).toContain(`/api/external-auth/callback/${setup.workspaceClient.connectorId}`)
    expect(page.html).not.toContain("still wrong")
    await changeSecret(workspaceSecret)
    expect((await connect()).status).toBe(200)
  })
})
