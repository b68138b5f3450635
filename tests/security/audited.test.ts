/** SECURITY.md line 25: every token read, connect, disconnect and key change is on record: who, what, when, outcome. */
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { type Answer, call, createApp, fetchToken, type TestApp } from "../harness/api.ts"
import { connectShared, consent, initiate } from "../harness/connect.ts"
import { firstWorkspace } from "../harness/members.ts"
import { databases, startTestServer, type TestServer } from "../harness/server.ts"
import { allEvents } from "../events/webhook-steps.ts"

const type = "googlecalendar"

interface Event {
  readonly actor: string
  readonly action: string
  readonly target: string | null
  readonly app_id: string | null
  readonly at: string
  readonly outcome: string
}

describe.each(databases)("the audit on %s", (database) => {
  let server: TestServer
  let app: TestApp
  let workspace: string
  beforeAll(async () => {
    server = await startTestServer({ database })
    workspace = await firstWorkspace(server.url)
    app = await createApp(server.url)
  })
  afterAll(() => server.destroy())

  async function events(action: string): Promise<readonly Event[]> {
    const path = `/api/workspace/${workspace}/audit-events?action=${action}&limit=200`
    return (await call<{ audit_events: Event[] }>(server.url, "GET", path)).body.audit_events
  }

  /** What the work adds, and nothing that was there before. */
  async function added(action: string, work: () => Promise<unknown>): Promise<readonly Event[]> {
    const before = (await events(action)).length
    await work()
    const after = await events(action)
    return after.slice(0, after.length - before)
  }

  const post = (path: string, body: Record<string, unknown>): Promise<Answer<{ id: string }>> =>
    call<{ id: string }>(server.url, "POST", path, { body })
  const member = expect.stringMatching(/^member:/)
  const recent = expect.stringMatching(/^\d{4}-\d{2}-\d{2}T[\d:.]+Z$/)

  test("nothing is on record that did not happen", async () => {
    expect(await added("token.read", async () => undefined)).toEqual([])
  })

  test("a token that is read, and one that is not there", async () => {
    await connectShared(server.url, app, type)
    expect(await added("token.read", () => fetchToken(server.url, app, type))).toMatchObject([
      { actor: expect.stringMatching(/^service:/), app_id: app.id, outcome: "ok", at: recent },
    ])
    expect(await added("token.read", () => fetchToken(server.url, app, "notion"))).toMatchObject([
      { actor: expect.stringMatching(/^service:/), app_id: app.id, outcome: "NOT_FOUND" },
    ])
  })

  test("a connect that goes well, and one that is denied", async () => {
    const own = await createApp(server.url)
    expect(await added("connection.connect", () => connectShared(server.url, own, type))).toMatchObject([
      { actor: member, app_id: own.id, outcome: "connected", at: recent },
    ])
    const denied = await added("connection.connect", async () => {
      const begun = await initiate(server.url, own, "notion")
      await consent(begun.redirect_url ?? "", { deny: true })
    })
    expect(denied).toMatchObject([{ actor: member, app_id: own.id, outcome: "AUTHORIZATION_DENIED" }])
  })

  test("a disconnect", async () => {
    const own = await createApp(server.url)
    await connectShared(server.url, own, type)
    const path = `/api/apps/${own.id}/external-auth/integrations/${type}`
    expect(await added("connection.disconnect", () => call(server.url, "DELETE", path))).toMatchObject([
      {
        actor: member,
        app_id: own.id,
        outcome: expect.stringMatching(/^(revoked|pending|kept_shared)$/),
        at: recent,
      },
    ])
  })

  test("every key that comes or goes, and every secret that is changed", async () => {
    const changes: readonly (readonly [
      string,
      string,
      () => Promise<{ id: string; end: () => Promise<unknown> }>,
    ])[] = [
      ["api_key.create", "api_key.revoke", () => made(`/api/workspace/${workspace}/api-keys`, { name: "x" })],
      [
        "service_key.create",
        "service_key.revoke",
        () => made(`/api/apps/${app.id}/service-keys`, { name: "x" }),
      ],
      [
        "identity_issuer.add",
        "identity_issuer.remove",
        () =>
          made(`/api/apps/${app.id}/identity-issuers`, {
            issuer: "https://audited.example",
            audience: "a",
            jwks: {
              keys: [{ kty: "OKP", crv: "Ed25519", x: "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo" }],
            },
          }),
      ],
      [
        "webhook.create",
        "webhook.delete",
        () =>
          made(`/api/workspace/${workspace}/webhooks`, { url: "http://127.0.0.1:9/x", events: allEvents }),
      ],
      [
        "connector.create",
        "connector.delete",
        () => made(`/api/workspace/${workspace}/connectors`, { integration_type: "notion", name: "audited" }),
      ],
    ]
    for (const [begins, ends, make] of changes) {
      let done: Awaited<ReturnType<typeof make>> | undefined
      const begun = await added(begins, async () => {
        done = await make()
      })
      expect([begins, begun]).toMatchObject([
        begins,
        [{ actor: member, target: done?.id, outcome: "ok", at: recent }],
      ])
      const ended = await added(ends, async () => done?.end())
      expect([ends, ended]).toMatchObject([
        ends,
        [{ actor: member, target: done?.id, outcome: "ok", at: recent }],
      ])
    }
    const hook = await made(`/api/workspace/${workspace}/webhooks`, {
      url: "http://127.0.0.1:9/y",
      events: allEvents,
    })
    const rotated = await added("webhook.rotate_secret", () =>
      post(`/api/workspace/${workspace}/webhooks/${hook.id}/rotate-secret`, {}),
    )
    expect(rotated).toMatchObject([{ actor: member, target: hook.id, outcome: "ok" }])
    const connector = await made(`/api/workspace/${workspace}/connectors`, {
      integration_type: "notion",
      name: "rotated",
      client_id: "a",
      client_secret: "the-first-secret-of-the-client",
    })
    const path = `/api/workspace/${workspace}/connectors/${connector.id}`
    const body = { client_secret: "the-second-secret-of-the-client" }
    expect(await added("connector.update", () => call(server.url, "PUT", path, { body }))).toMatchObject([
      { actor: member, target: connector.id, outcome: "ok" },
    ])
  })

  async function made(path: string, body: Record<string, unknown>) {
    const answer = await post(path, body)
    if (answer.status !== 200) throw new Error(`not made: ${path} ${JSON.stringify(answer.body)}`)
    return { id: answer.body.id, end: () => call(server.url, "DELETE", `${path}/${answer.body.id}`) }
  }
})
