/** CONTRACT.md section 7, SECURITY.md line 14: RFC 8628 between a terminal, a browser and the server. */
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from "vitest"
import { type Answer, call } from "../harness/api.ts"
import { TestBrowser } from "../harness/browser.ts"
import {
  answerDevice,
  callFrom,
  firstWorkspace,
  formTo,
  join,
  ownerEmail,
  ownerPassword,
  signInOnPage,
  startWithOwner,
} from "../harness/members.ts"
import { moveClock } from "../harness/sandbox.ts"
import { databases, type TestServer } from "../harness/server.ts"
import { openRaw } from "../security/raw-database.ts"

// Passwords are slow to judge on purpose, and other files run beside this one.
vi.setConfig({ testTimeout: 120_000 })

const client = "base44_cli"
const minuteMs = 60_000
const hourMs = 60 * minuteMs

interface Begun {
  readonly device_code: string
  readonly user_code: string
}
interface Tokens {
  readonly access_token: string
  readonly refresh_token: string
  readonly error?: string
}

describe.each(databases)("device login on %s", (database) => {
  let server: TestServer
  let owner: TestBrowser
  beforeAll(async () => {
    server = await startWithOwner({ database })
    owner = await signInOnPage(server.url)
  })
  beforeEach(() => moveClock(server.url, 11 * minuteMs))
  afterAll(() => server.destroy())

  const begin = async (scope = "apps:read apps:write") =>
    (
      await call<Begun>(server.url, "POST", "/oauth/device/code", {
        as: null,
        body: { client_id: client, scope },
      })
    ).body

  async function token(fields: Record<string, string>): Promise<Answer<Tokens>> {
    const response = await fetch(`${server.url}/oauth/token`, {
      method: "POST",
      headers: { "content-type": "application/x-www-form-urlencoded" },
      body: new URLSearchParams({ client_id: client, ...fields }).toString(),
    })
    return { status: response.status, headers: response.headers, body: (await response.json()) as Tokens }
  }
  const grantType = "urn:ietf:params:oauth:grant-type:device_code"
  const poll = ({ device_code }: Begun, fields = {}) =>
    token({ grant_type: grantType, device_code, ...fields })
  const refresh = (refreshToken: string, fields = {}) =>
    token({ grant_type: "refresh_token", refresh_token: refreshToken, ...fields })
  const as = (accessToken: string) => ({ as: { bearer: accessToken } })
  const whoIs = (accessToken: string) => call(server.url, "GET", "/oauth/userinfo", as(accessToken))

  async function login(browser = owner): Promise<Tokens> {
    const begun = await begin()
    await answerDevice(browser, server.url, begun.user_code)
    return (await poll(begun)).body
  }

  test("the code waits until the member approves it, and gives tokens once", async () => {
    const answer = await call<Begun>(server.url, "POST", "/oauth/device/code", {
      as: null,
      body: { client_id: client, scope: "apps:read" },
    })
    expect(answer.body).toEqual({
      device_code: expect.stringMatching(/^gdc_[\w-]{43,}$/),
      user_code: expect.stringMatching(/^[BCDFGHJKLMNPQRSTVWXZ]{4}-[BCDFGHJKLMNPQRSTVWXZ]{4}$/),
      verification_uri: `${server.url}/device`,
      verification_uri_complete: `${server.url}/device?user_code=${answer.body.user_code}`,
      expires_in: 600,
      interval: 2,
    })
    expect(await poll(answer.body)).toMatchObject({ status: 400, body: { error: "authorization_pending" } })
    await answerDevice(owner, server.url, answer.body.user_code)
    const tokens = await poll(answer.body)
    expect(tokens.headers.get("cache-control")).toBe("no-store")
    expect(tokens.body).toEqual({
      access_token: expect.stringMatching(/^gat_[\w-]{43,}$/),
      token_type: "Bearer",
      expires_in: 3600,
      refresh_token: expect.stringMatching(/^grt_[\w-]{43,}$/),
      scope: "apps:read",
    })
    expect((await whoIs(tokens.body.access_token)).body).toMatchObject({ email: ownerEmail, name: "owner" })
    expect(await poll(answer.body)).toMatchObject({ status: 400, body: { error: "invalid_grant" } })
  })

  test("of many polls at once after the approval one gets tokens", async () => {
    const begun = await begin()
    await answerDevice(owner, server.url, begun.user_code)
    const answers = await Promise.all(Array.from({ length: 20 }, () => poll(begun)))
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1)
  })

  test("the page shows who asks, from where, for what and as whom, before anything is approved", async () => {
    const begun = await begin("apps:read <b>everything</b>")
    const entry = await owner.open(`${server.url}/device?user_code=${begun.user_code}`)
    expect(formTo(entry, "/device").fields.get("user_code")).toBe(begun.user_code)
    const asked = await owner.submit(entry, formTo(entry, "/device"), {
      user_code: ` ${begun.user_code.toLowerCase().replace("-", " ")} `,
    })
    for (const shown of [
      begun.user_code,
      "Base44 command line",
      "127.0.0.1",
      "GMT",
      "apps:read &lt;b&gt;",
      ownerEmail,
    ])
      expect(asked.html).toContain(shown)
    expect((await poll(begun)).body.error).toBe("authorization_pending")
  })

  test("somebody who is not signed in is led through the sign-in and back to the code", async () => {
    const begun = await begin()
    const browser = new TestBrowser()
    const page = await browser.open(`${server.url}/device?user_code=${begun.user_code}`)
    expect(page.url).toContain("/sign-in?next=")
    const back = await browser.submit(page, formTo(page, "/sign-in"), {
      email: ownerEmail,
      password: ownerPassword,
    })
    expect(formTo(back, "/device").fields.get("user_code")).toBe(begun.user_code)
  })

  test("what was shown to one member cannot be approved by another's session", async () => {
    const begun = await begin()
    const entry = await owner.open(`${server.url}/device`)
    const asked = await owner.submit(entry, formTo(entry, "/device"), { user_code: begun.user_code })
    const person = await join(server.url, await firstWorkspace(server.url), "viewer")
    const binding = owner.cookies.get("grantry_connect") ?? ""
    person.browser.cookies.set("grantry_connect", binding)
    const stolen = await person.browser.post(asked, formTo(asked, "/device/decide"), { answer: "approve" })
    expect(stolen.status).toBe(400)
    expect((await poll(begun)).body.error).toBe("authorization_pending")
  })

  test("a denial, the end of its ten minutes, and too many questions are said as RFC 8628 names them", async () => {
    const denied = await begin()
    await answerDevice(owner, server.url, denied.user_code, "deny")
    expect((await poll(denied)).body.error).toBe("access_denied")
    const hasty = await begin()
    expect((await poll(hasty)).body.error).toBe("authorization_pending")
    expect((await poll(hasty)).body.error).toBe("slow_down")
    await moveClock(server.url, 2_000)
    expect((await poll(hasty)).body.error).toBe("authorization_pending")
    await moveClock(server.url, 10 * minuteMs)
    expect((await poll(hasty)).body.error).toBe("expired_token")
    const entry = await owner.open(`${server.url}/device`)
    const late = await owner.submit(entry, formTo(entry, "/device"), { user_code: hasty.user_code })
    expect(late.status).toBe(404)
  })

  test("malformed requests are refused in the words of RFC 6749", async () => {
    const begun = await begin()
    const codes = await Promise.all([
      token({}),
      token({ grant_type: "password", username: "x" }),
      token({ grant_type: grantType }),
      token({ grant_type: grantType, device_code: "gdc_guess" }),
      poll(begun, { client_id: "grantry_cli" }),
      token({ grant_type: "refresh_token", refresh_token: "grt_guess" }),
    ])
    expect(codes.map(({ body, status }) => [status, body.error])).toEqual([
      [400, "invalid_request"],
      [400, "unsupported_grant_type"],
      [400, "invalid_request"],
      [400, "invalid_grant"],
      [400, "invalid_grant"],
      [400, "invalid_grant"],
    ])
    const unknown = await call(server.url, "POST", "/oauth/device/code", {
      as: null,
      body: { client_id: "evil_cli" },
    })
    expect(unknown).toMatchObject({ status: 400, body: { error: "invalid_client" } })
  })

  test("a refresh token works once more within a minute, so that a lost answer logs nobody out", async () => {
    const first = await login()
    const second = await refresh(first.refresh_token)
    expect(second.status).toBe(200)
    const again = await refresh(first.refresh_token)
    expect(again.status).toBe(200)
    for (const { body } of [second, again]) expect((await whoIs(body.access_token)).status).toBe(200)
    expect((await refresh(second.body.refresh_token)).status).toBe(200)
    expect((await refresh(again.body.refresh_token)).status).toBe(200)
  })

  test("one that comes back later was stolen: the whole login ends", async () => {
    const first = await login()
    const second = (await refresh(first.refresh_token)).body
    await moveClock(server.url, 2 * minuteMs)
    expect(await refresh(first.refresh_token)).toMatchObject({
      status: 400,
      body: { error: "invalid_grant" },
    })
    expect((await whoIs(second.access_token)).status).toBe(401)
    expect((await refresh(second.refresh_token)).status).toBe(400)
  })

  test("an access token lives an hour, a refresh token ninety days from its last use", async () => {
    const first = await login()
    expect((await whoIs(first.access_token)).status).toBe(200)
    await moveClock(server.url, hourMs)
    expect((await whoIs(first.access_token)).status).toBe(401)
    await moveClock(server.url, 89 * 24 * hourMs)
    const second = await refresh(first.refresh_token)
    expect(second.status).toBe(200)
    await moveClock(server.url, 89 * 24 * hourMs)
    const third = await refresh(second.body.refresh_token)
    expect(third.status).toBe(200)
    await moveClock(server.url, 91 * 24 * hourMs)
    expect((await refresh(third.body.refresh_token)).status).toBe(400)
  })

  test("revoking either token ends the login at once; revoking nonsense is no error", async () => {
    for (const kind of ["access_token", "refresh_token"] as const) {
      const tokens = await login()
      expect((await whoIs(tokens.access_token)).status).toBe(200)
      const body = { token: tokens[kind] }
      expect((await call(server.url, "POST", "/oauth/revoke", { as: null, body })).status).toBe(200)
      expect((await whoIs(tokens.access_token)).status).toBe(401)
      expect((await refresh(tokens.refresh_token)).status).toBe(400)
    }
    expect((await call(server.url, "POST", "/oauth/revoke", { as: null, body: { token: "x" } })).status).toBe(
      200,
    )
  })

  test("a changed password ends the device logins, and the login opens what its member may do", async () => {
    const person = await join(server.url, await firstWorkspace(server.url), "viewer")
    const tokens = await login(person.browser)
    const list = await call<{ workspaces: { user_role: string }[] }>(
      server.url,
      "GET",
      "/api/workspace/workspaces",
      as(tokens.access_token),
    )
    expect(list.body.workspaces.map(({ user_role }) => user_role)).toEqual(["owner", "viewer"])
    const workspaceId = await firstWorkspace(server.url)
    const forbidden = await call(
      server.url,
      "GET",
      `/api/workspace/${workspaceId}/audit-events`,
      as(tokens.access_token),
    )
    expect(forbidden).toMatchObject({ status: 403, body: { code: "ROLE_REQUIRED" } })
    await callFrom(person.browser, server.url, "POST", "/api/auth/change-password", {
      currentPassword: ownerPassword,
      newPassword: "another password",
    })
    expect((await whoIs(tokens.access_token)).status).toBe(401)
  })

  test("no code and no token is in the database, and the approval is on record", async () => {
    const waiting = await begin()
    const tokens = await login()
    const workspaceId = await firstWorkspace(server.url)
    const events = await call<{ audit_events: { action: string; target: string }[] }>(
      server.url,
      "GET",
      `/api/workspace/${workspaceId}/audit-events?action=device_login.approve`,
    )
    expect(events.body.audit_events[0]).toMatchObject({ target: client, outcome: "ok", address: "127.0.0.1" })
    if (database === "sqlite") await server.stop()
    const dump = JSON.stringify(await openRaw(server.databaseUrl, (raw) => raw.dump()))
    if (database === "sqlite") await server.restart()
    for (const secret of [waiting.device_code, waiting.user_code, tokens.access_token, tokens.refresh_token])
      expect(dump).not.toContain(secret)
  })
})
