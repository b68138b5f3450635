/** SECURITY.md line 25: every act is on record with who, what, on what, from where and with what outcome. */
import type { AuditEvent, AuditEventListAnswer } from "@grantry/sdk/wire"
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest"
import { begin, click, decideAt } from "../authorization/steps.ts"
import { call, createApp, fetchToken, type TestApp } from "../harness/api.ts"
import { connectUser, createConnector, createUser, initiateFor, userPath } from "../harness/app-users.ts"
import { TestBrowser } from "../harness/browser.ts"
import { connectShared, consent, initiate } from "../harness/connect.ts"
import {
  answerDevice,
  callFrom,
  firstWorkspace,
  join,
  ownerEmail,
  ownerPassword,
  type Person,
  signInOnPage,
  startWithOwner,
} from "../harness/members.ts"
import { moveClock, setFault } from "../harness/sandbox.ts"
import { databases, ownerKey, type TestServer } from "../harness/server.ts"
import { trust } from "../harness/user-tokens.ts"
import { startWebhookReceiver, type WebhookReceiver } from "../harness/webhook-receiver.ts"

// Passwords are slow to judge on purpose, and other files run beside this one.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 })

type Expected = Partial<Pick<AuditEvent, "action" | "actor" | "outcome" | "app_id" | "address">> & {
  readonly target?: unknown
}

interface Scene {
  readonly server: TestServer
  readonly url: string
  readonly ws: string
  readonly owner: TestBrowser
  readonly ownerActor: string
  readonly receiver: WebhookReceiver
  readonly app: TestApp
}

interface Act {
  readonly title: string
  /** Does it, and says what must be on record then; where nothing else is said, with outcome ok. */
  readonly act: (scene: Scene) => Promise<readonly Expected[]>
}

const api = (scene: Scene, method: string, path: string, body?: unknown) =>
  call<Record<string, string>>(scene.url, method, path, body === undefined ? {} : { body })

async function made(scene: Scene, path: string, body: unknown): Promise<string> {
  const { body: answer } = await api(scene, "POST", path, body)
  return answer["id"] ?? ""
}

const inWorkspace = (scene: Scene, rest: string) => `/api/workspace/${scene.ws}/${rest}`
const inApp = (scene: Scene, rest: string) => `/api/apps/${scene.app.id}/${rest}`
const newConnector = (scene: Scene) => createConnector(scene.url, { integration_type: "notion" })
const newPerson = (scene: Scene): Promise<Person> => join(scene.url, scene.ws, "editor")

const acts: readonly Act[] = [
  {
    title: "a token read, and reads that are refused: nothing connected, another app's path, an unknown type",
    async act(scene) {
      const other = await createApp(scene.url)
      await connectShared(scene.url, scene.app, "slack")
      await fetchToken(scene.url, scene.app, "slack")
      await fetchToken(scene.url, scene.app, "github")
      await fetchToken(scene.url, { id: other.id, serviceKey: scene.app.serviceKey }, "linear")
      await fetchToken(scene.url, scene.app, "no-such-type")
      const read = { action: "token.read", actor: expect.stringMatching(/^service:/), app_id: scene.app.id }
      return [
        { ...read, target: "type:slack" },
        { ...read, target: "type:github", outcome: "NOT_FOUND" },
        { ...read, target: "type:linear", outcome: "NOT_FOUND" },
        { ...read, target: "type:no-such-type", outcome: "UNKNOWN_CONNECTOR_TYPE" },
      ] as Expected[]
    },
  },
  {
    title: "a token read that a provider's outage refuses",
    async act(scene) {
      await connectShared(scene.url, scene.app, "googlecalendar")
      await setFault(scene.url, "googlecalendar", "5xx_then_ok", { times: 50 })
      await moveClock(scene.url, 2 * 3_600_000)
      await fetchToken(scene.url, scene.app, "googlecalendar")
      return [{ action: "token.read", target: "type:googlecalendar", outcome: "PROVIDER_UNAVAILABLE" }]
    },
  },
  {
    title: "a user's token read, on behalf of the user and without",
    async act(scene) {
      const user = await createUser(scene.url, scene.app)
      const connector = await newConnector(scene)
      await connectUser(scene.url, scene.app, user, connector)
      await call(scene.url, "GET", userPath(scene.app, connector, "/token"), {
        as: { bearer: scene.app.serviceKey },
        headers: { "on-behalf-of": `Bearer ${user.token}` },
      })
      const target = `connector:${connector} of app_user:${user.id}`
      return [
        { action: "user_token.mint", target: user.id, actor: expect.stringMatching(/^service:/) },
        { action: "connection.begin", actor: `app_user:${user.id}` },
        { action: "connection.connect", actor: `app_user:${user.id}`, outcome: "connected" },
        { action: "token.read", target },
      ] as Expected[]
    },
  },
  {
    title: "a user's token that is refused",
    async act(scene) {
      await call(scene.url, "GET", inApp(scene, "entities/User/me"), { as: { bearer: "e30.e30.e30" } })
      return [{ action: "app_user.refuse", actor: "app_user:unverified", outcome: "malformed" }]
    },
  },
  {
    title: "a shared connection that is begun and connected",
    async act(scene) {
      const { connection_id: target } = await connectShared(scene.url, scene.app, "hubspot")
      const who = { actor: scene.ownerActor, app_id: scene.app.id, target }
      return [
        { ...who, action: "connection.begin" },
        { ...who, action: "connection.connect", outcome: "connected" },
      ]
    },
  },
  {
    title: "a consent that the person denies",
    async act(scene) {
      const { connection_id: target, redirect_url } = await initiate(scene.url, scene.app, "discord")
      await consent(redirect_url ?? "", { deny: true })
      return [
        { action: "connection.connect", target, outcome: "AUTHORIZATION_DENIED", actor: scene.ownerActor },
      ]
    },
  },
  {
    title: "a callback in another browser",
    async act(scene) {
      const { connectionId, link } = await begin(scene.url, scene.app, "linear")
      const browser = new TestBrowser()
      const callback = await decideAt(browser, await click(browser, link))
      await new TestBrowser().open(callback.href)
      return [{ action: "connection.connect", target: connectionId, outcome: "AUTHORIZATION_REFUSED" }]
    },
  },
  {
    title: "a user's connection that cannot begin",
    async act(scene) {
      const user = await createUser(scene.url, scene.app)
      await initiateFor(scene.url, scene.app, user, "con_missing")
      return [
        {
          action: "connection.connect",
          target: "con_missing",
          outcome: "NOT_FOUND",
          actor: `app_user:${user.id}`,
        },
      ]
    },
  },
  {
    title: "a shared connection that is checked, disconnected and forgotten",
    async act(scene) {
      const { connection_id: target } = await connectShared(scene.url, scene.app, "notion")
      const path = inApp(scene, "external-auth/integrations/notion")
      await api(scene, "POST", `${path}/check`)
      await api(scene, "DELETE", path)
      await api(scene, "DELETE", `${path}/remove`)
      const who = { target, actor: scene.ownerActor, app_id: scene.app.id }
      return [
        { ...who, action: "connection.check" },
        {
          ...who,
          action: "connection.disconnect",
          outcome: expect.stringMatching(/^(revoked|unsupported)$/),
        },
        { ...who, action: "connection.remove", outcome: expect.any(String) },
      ] as Expected[]
    },
  },
  {
    title: "a user who disconnects, and a member who disconnects a user",
    async act(scene) {
      const connector = await newConnector(scene)
      const [one, two] = [await createUser(scene.url, scene.app), await createUser(scene.url, scene.app)]
      const first = await connectUser(scene.url, scene.app, one, connector)
      const second = await connectUser(scene.url, scene.app, two, connector)
      await call(scene.url, "DELETE", userPath(scene.app, connector), { as: { bearer: one.token } })
      await api(scene, "DELETE", inApp(scene, `connections/${second.connectionId}`))
      const disconnect = { action: "connection.disconnect", outcome: expect.any(String) }
      return [
        { ...disconnect, target: first.connectionId, actor: `app_user:${one.id}` },
        { ...disconnect, target: second.connectionId, actor: scene.ownerActor },
      ] as Expected[]
    },
  },
  {
    title: "service keys",
    async act(scene) {
      const target = await made(scene, inApp(scene, "service-keys"), { name: "k" })
      await api(scene, "DELETE", inApp(scene, `service-keys/${target}`))
      const who = { target, actor: scene.ownerActor, app_id: scene.app.id }
      return [
        { ...who, action: "service_key.create" },
        { ...who, action: "service_key.revoke" },
      ]
    },
  },
  {
    title: "API keys",
    async act(scene) {
      const target = await made(scene, inWorkspace(scene, "api-keys"), { name: "k" })
      await api(scene, "DELETE", inWorkspace(scene, `api-keys/${target}`))
      return [
        { action: "api_key.create", target, actor: scene.ownerActor },
        { action: "api_key.revoke", target, actor: scene.ownerActor },
      ]
    },
  },
  {
    title: "members: invited, joined, changed, removed; an invitation withdrawn",
    async act(scene) {
      const { email, memberId } = await newPerson(scene)
      await api(scene, "PUT", inWorkspace(scene, `members/${memberId}`), { role: "viewer" })
      await api(scene, "DELETE", inWorkspace(scene, `members/${memberId}`))
      const invitation = await made(scene, inWorkspace(scene, "members"), {
        email: "no@example.com",
        role: "viewer",
      })
      await api(scene, "DELETE", inWorkspace(scene, `members/${invitation}`))
      const actor = scene.ownerActor
      return [
        { action: "member.invite", target: `${email} editor`, actor },
        { action: "member.join", target: `member:${memberId} editor`, actor: `member:${memberId}` },
        { action: "member.change_role", target: `member:${memberId} editor to viewer`, actor },
        { action: "member.remove", target: `member:${memberId}`, actor },
        { action: "member.invite", target: "no@example.com viewer", actor },
        { action: "member.withdraw_invitation", target: invitation, actor },
      ]
    },
  },
  {
    title: "apps and their settings",
    async act(scene) {
      const app = await made(scene, "/api/apps", { name: "Audited" })
      const path = `/api/apps/${app}`
      await api(scene, "PUT", path, { name: "Renamed" })
      await api(scene, "PUT", `${path}/allowed-origins`, { origins: ["https://app.example.com"] })
      const jwks = {
        keys: [{ kty: "OKP", crv: "Ed25519", x: "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo" }],
      }
      const trusted = await trust(
        scene.url,
        { id: app, serviceKey: "" },
        { issuer: "https://i.example", audience: "a", jwks },
      )
      await api(scene, "DELETE", `${path}/identity-issuers/${trusted.body.id}`)
      await connectShared(scene.url, { id: app, serviceKey: "" }, "slack")
      await api(scene, "DELETE", path)
      const who = { app_id: app, actor: scene.ownerActor }
      return [
        { ...who, action: "app.create", target: app },
        { ...who, action: "app.update", target: app },
        { ...who, action: "allowed_origins.replace", target: app },
        { ...who, action: "identity_issuer.add", target: trusted.body.id },
        { ...who, action: "identity_issuer.remove", target: trusted.body.id },
        { ...who, action: "connection.remove", outcome: expect.any(String) },
        { ...who, action: "app.delete", target: app },
      ] as Expected[]
    },
  },
  {
    title: "connectors, and what a deleted one disconnects",
    async act(scene) {
      const connector = await newConnector(scene)
      const user = await createUser(scene.url, scene.app)
      const { connectionId } = await connectUser(scene.url, scene.app, user, connector)
      await api(scene, "PUT", inWorkspace(scene, `connectors/${connector}`), { name: `renamed ${connector}` })
      await api(scene, "DELETE", inWorkspace(scene, `connectors/${connector}`))
      const who = { actor: scene.ownerActor, target: connector }
      return [
        { ...who, action: "connector.create" },
        { ...who, action: "connector.update" },
        { ...who, action: "connection.remove", target: connectionId, outcome: expect.any(String) },
        { ...who, action: "connector.delete" },
      ] as Expected[]
    },
  },
  {
    title: "webhooks",
    async act(scene) {
      const body = { url: scene.receiver.url, events: ["connection.connected"] }
      const target = await made(scene, inWorkspace(scene, "webhooks"), body)
      for (const verb of ["rotate-secret", "test", "enable"])
        await api(scene, "POST", inWorkspace(scene, `webhooks/${target}/${verb}`))
      await api(scene, "DELETE", inWorkspace(scene, `webhooks/${target}`))
      const actions = ["create", "rotate_secret", "test", "enable", "delete"]
      return actions.map((verb) => ({ action: `webhook.${verb}`, target, actor: scene.ownerActor }))
    },
  },
  {
    title: "exports of the audit",
    async act(scene) {
      await api(scene, "GET", inWorkspace(scene, "audit/export?format=csv"))
      return [{ action: "audit.export", target: "csv", actor: scene.ownerActor }]
    },
  },
  {
    title: "sign-ins, failures among them, and their ends",
    async act(scene) {
      const browser = await signInOnPage(scene.url)
      await call(scene.url, "POST", "/api/auth/sign-in/email", {
        as: null,
        body: { email: ownerEmail, password: "not the password" },
      })
      const change = { currentPassword: "wrong", newPassword: "another password" }
      await callFrom(browser, scene.url, "POST", "/api/auth/change-password", change)
      await callFrom(browser, scene.url, "POST", "/api/auth/update-user", { name: "Olga" })
      await callFrom(browser, scene.url, "POST", "/api/auth/revoke-other-sessions")
      await callFrom(browser, scene.url, "POST", "/api/auth/sign-out", {})
      const actor = scene.ownerActor
      return [
        { action: "member.sign_in", actor },
        { action: "member.sign_in", actor, outcome: "refused" },
        { action: "member.change_password", actor, outcome: "refused" },
        { action: "member.rename", actor },
        { action: "member.end_sessions", actor, target: "all others" },
        { action: "member.sign_out", actor },
      ]
    },
  },
  {
    title: "device logins: approved, denied, ended",
    async act(scene) {
      const browser = await signInOnPage(scene.url)
      const begun = async () => {
        const body = { client_id: "grantry_cli", scope: "" }
        const answer = await call<{ user_code: string; device_code: string }>(
          scene.url,
          "POST",
          "/oauth/device/code",
          { as: null, body },
        )
        return answer.body
      }
      const approved = await begun()
      await answerDevice(browser, scene.url, approved.user_code)
      await answerDevice(browser, scene.url, (await begun()).user_code, "deny")
      const grant_type = "urn:ietf:params:oauth:grant-type:device_code"
      const fields = { grant_type, client_id: "grantry_cli", device_code: approved.device_code }
      const tokens = await fetch(`${scene.url}/oauth/token`, {
        method: "POST",
        body: new URLSearchParams(fields),
      })
      const { refresh_token: token } = (await tokens.json()) as { refresh_token: string }
      await call(scene.url, "POST", "/oauth/revoke", { as: null, body: { token } })
      const who = { actor: scene.ownerActor, target: "grantry_cli" }
      return [
        { ...who, action: "device_login.approve" },
        { ...who, action: "device_login.approve", outcome: "denied" },
        { ...who, action: "member.sign_out" },
      ]
    },
  },
]

describe.each(databases)("the audit on %s", (database) => {
  let scene: Scene
  let seen = new Set<string>()

  beforeAll(async () => {
    const receiver = await startWebhookReceiver()
    const server = await startWithOwner({ database })
    const app = await createApp(server.url)
    const owner = await signInOnPage(server.url)
    const session = await callFrom<{ user: { id: string } }>(
      owner,
      server.url,
      "GET",
      "/api/auth/get-session",
    )
    const ws = await firstWorkspace(server.url)
    scene = {
      server,
      url: server.url,
      ws,
      owner,
      receiver,
      app,
      ownerActor: `member:${session.body.user.id}`,
    }
  })
  afterAll(async () => {
    await scene.server.destroy()
    await scene.receiver.close()
  })

  async function listAll(ws = scene.ws): Promise<readonly AuditEvent[]> {
    const events: AuditEvent[] = []
    let cursor = ""
    do {
      const path = `/api/workspace/${ws}/audit-events?limit=200${cursor}`
      const { body } = await call<AuditEventListAnswer>(scene.url, "GET", path)
      events.push(...body.audit_events)
      cursor = body.next_cursor === null ? "" : `&cursor=${body.next_cursor}`
    } while (cursor !== "")
    return events
  }

  async function newEvents(): Promise<readonly AuditEvent[]> {
    const events = (await listAll()).filter(({ id }) => !seen.has(id))
    seen = new Set([...seen, ...events.map(({ id }) => id)])
    return events
  }

  test.each(acts.map(({ act, title }) => [title, act] as const))("has %s", async (_title, act) => {
    await newEvents()
    const expected = await act(scene)
    const events = await newEvents()
    for (const event of expected)
      expect(events).toContainEqual(expect.objectContaining({ outcome: "ok", ...event }))
    for (const { action, actor, address, at } of events) {
      expect(Number.isNaN(Date.parse(at))).toBe(false)
      if (actor !== "system" && action !== "app_user.refuse")
        expect([action, address]).toEqual([action, "127.0.0.1"])
    }
  })

  test("has who made a workspace, in that workspace", async () => {
    const browser = await signInOnPage(scene.url)
    const body = { name: "Second" }
    const created = await callFrom<{ id: string }>(
      browser,
      scene.url,
      "POST",
      "/api/workspace/workspaces",
      body,
    )
    const path = `/api/workspace/${created.body.id}/audit-events`
    const { body: answer } = await callFrom<AuditEventListAnswer>(browser, scene.url, "GET", path)
    expect(answer.audit_events).toMatchObject([
      { action: "workspace.create", target: created.body.id, actor: scene.ownerActor, outcome: "ok" },
    ])
  })

  test("has the operator's key, and the quarantine and its end", async () => {
    expect(await listAll()).toContainEqual(
      expect.objectContaining({ action: "api_key.create", actor: "operator", address: null }),
    )
    const quarantined = async (mode: string) => {
      const { databaseUrl, dataDir } = scene.server
      await scene.server.stop()
      const env = { GRANTRY_QUARANTINE: mode, GRANTRY_DATA_DIR: dataDir }
      const started = await startWithOwner({ database, databaseUrl, env })
      await started.destroy()
      await scene.server.restart()
      scene = { ...scene, url: scene.server.url }
    }
    await quarantined("on")
    await quarantined("off")
    const events = await newEvents()
    expect(events).toContainEqual(expect.objectContaining({ action: "quarantine.start", actor: "system" }))
    expect(events).toContainEqual(expect.objectContaining({ action: "quarantine.end", actor: "operator" }))
  })

  test("is one intact chain after all of that, without a key, a token or a password in it", async () => {
    const path = `/api/workspace/${scene.ws}/audit`
    expect((await call(scene.url, "POST", `${path}/verify`)).body).toMatchObject({ status: "intact" })
    const { body } = await call<string>(scene.url, "GET", `${path}/export?format=csv`)
    expect(body).toContain("connection.connect")
    for (const secret of [ownerKey, scene.app.serviceKey, ownerPassword, "not the password"])
      expect(body).not.toContain(secret)
    expect(body).not.toMatch(/gsk_|b44k_|eyJ/)
  })
})
