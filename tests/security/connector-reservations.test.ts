/** A connector's redirect URI is known before the connector is: SECURITY.md lines 2 and 10. */
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { type Answer, call, createApp, type Credential } from "../harness/api.ts"
import { consent } from "../harness/connect.ts"
import { firstWorkspace } from "../harness/members.ts"
import { moveClock } from "../harness/sandbox.ts"
import { databases, startTestServer, type TestServer } from "../harness/server.ts"
import { addMember } from "./with-storage.ts"

interface Body {
  readonly id: string
  readonly redirect_uri: string
  readonly reservation: string
  readonly code?: string
  readonly detail?: string
}

const dayMs = 24 * 3_600_000

describe.each(databases)("a reserved connector on %s", (database) => {
  let server: TestServer
  let ws: string
  let names = 0

  beforeAll(async () => {
    server = await startTestServer({ database })
    ws = await firstWorkspace(server.url)
  })
  afterAll(() => server.destroy())

  const reserve = async (of = ws, as?: Credential): Promise<Answer<Body>> =>
    call<Body>(server.url, "POST", `/api/workspace/${of}/connectors/reservations`, {
      ...(as !== undefined && { as }),
    })
  const register = (reservation: string): Promise<Answer<Body>> =>
    call<Body>(server.url, "POST", `/api/workspace/${ws}/connectors`, {
      body: { integration_type: "notion", name: `connector ${(names += 1)}`, reservation },
    })
  const refused = (detail: string, status = 400) => ({
    status,
    body: { code: "INVALID_REQUEST", detail: expect.stringContaining(detail) as unknown },
  })

  test("has the id and the redirect URI that were told before, and consents come back there", async () => {
    const { body: reserved } = await reserve()
    expect(reserved.redirect_uri).toBe(`${server.url}/api/external-auth/callback/${reserved.id}`)
    const before = await call(server.url, "GET", `/api/workspace/${ws}/connectors/${reserved.id}`)
    expect(before.status).toBe(404)
    const { body: made } = await register(reserved.reservation)
    expect([made.id, made.redirect_uri]).toEqual([reserved.id, reserved.redirect_uri])
    const app = await createApp(server.url)
    const begun = await call<{ redirect_url: string }>(
      server.url,
      "POST",
      `/api/apps/${app.id}/external-auth/initiate`,
      { body: { integration_type: "notion", connector_id: made.id } },
    )
    expect((await consent(begun.body.redirect_url)).status).toBe(200)
  })

  test("is registered once", async () => {
    const { body } = await reserve()
    expect((await register(body.reservation)).status).toBe(200)
    expect(await register(body.reservation)).toMatchObject(refused("has been used", 409))
  })

  test("is another workspace's business as little as an id of one's own choice", async () => {
    const stranger = await addMember(server, null)
    const theirs = await reserve(stranger.workspaceId, stranger.as)
    expect(theirs.status).toBe(200)
    const { body: own } = await reserve()
    const [, seal = ""] = own.reservation.split(".")
    for (const reservation of [
      theirs.body.reservation,
      theirs.body.id,
      `${theirs.body.id}.${seal}`,
      `con_00000000000000000000000000.${seal}`,
      own.reservation.slice(0, -4),
      ".",
      "x",
    ])
      expect(await register(reservation)).toMatchObject(refused("is not one that this workspace was given"))
  })

  test("is kept for a week", async () => {
    const { body } = await reserve()
    const { body: late } = await reserve()
    await moveClock(server.url, 6 * dayMs)
    expect((await register(body.reservation)).status).toBe(200)
    await moveClock(server.url, dayMs + 1)
    expect(await register(late.reservation)).toMatchObject(refused("older than a week"))
  })

  test("is an admin's to reserve", async () => {
    const editor = await addMember(server, { workspaceId: ws, role: "editor" })
    expect(await reserve(ws, editor.as)).toMatchObject({ status: 403, body: { code: "ROLE_REQUIRED" } })
  })
})
