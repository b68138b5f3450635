/** CONTRACT.md sections 2 and 6, SECURITY.md lines 11, 13: members sign in with a password and a session's cookie. */
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest"
import { signSessionToken } from "../../packages/server/src/callers/session-cookie.ts"
import { call } from "../harness/api.ts"
import { TestBrowser } from "../harness/browser.ts"
import {
  callFrom,
  cookieOf,
  firstWorkspace,
  formTo,
  join,
  ownerEmail,
  ownerPassword,
  signInOnPage,
  startWithOwner,
} from "../harness/members.ts"
import { databases, startTestServer, type TestServer } from "../harness/server.ts"
import { openRaw } from "../security/raw-database.ts"

// Passwords are slow to judge on purpose, and other files run beside this one.
vi.setConfig({ testTimeout: 120_000 })

const sessionCookie = "grantry.session_token"

describe.each(databases)("sign-in on %s", (database) => {
  let server: TestServer
  beforeAll(async () => {
    server = await startWithOwner({ database })
  })
  afterAll(() => server.destroy())

  const signIn = (body: unknown, headers: Record<string, string> = {}) =>
    call(server.url, "POST", "/api/auth/sign-in/email", { as: null, body, headers })

  test("the first owner's password comes from the environment, and the session opens all of their workspaces", async () => {
    const browser = await signInOnPage(server.url)
    const second = await callFrom(browser, server.url, "POST", "/api/workspace/workspaces", { name: "Team" })
    const list = await callFrom<{ workspaces: { id: string; name: string }[] }>(
      browser,
      server.url,
      "GET",
      "/api/workspace/workspaces",
    )
    expect(list.body.workspaces.map(({ name }) => name)).toEqual(["Personal", "Team"])
    const path = `/api/workspace/${String(second.body["id"])}/connectors`
    expect((await callFrom(browser, server.url, "GET", path)).status).toBe(200)
  })

  test("the cookie is HttpOnly and SameSite, and the answer does not repeat what is in it", async () => {
    const answer = await signIn({ email: ownerEmail.toUpperCase(), password: ownerPassword })
    const [cookie = ""] = answer.headers.getSetCookie()
    expect(cookie).toMatch(/^grantry\.session_token=[^;]+; Max-Age=1209600; Path=\/; HttpOnly; SameSite=Lax$/)
    const token = cookie.slice(sessionCookie.length + 1).split(".")[0] ?? ""
    expect(token.length).toBeGreaterThanOrEqual(32)
    expect(JSON.stringify(answer.body)).not.toContain(token)
    expect(answer.headers.get("cache-control")).toBe("no-store")
    expect(answer.body).toMatchObject({ user: { email: ownerEmail } })
  })

  test("with https the cookie is bound to the host and Secure", async () => {
    const secure = await startWithOwner({ database, env: { GRANTRY_PUBLIC_URL: "https://grantry.example" } })
    try {
      const answer = await call(`http://127.0.0.1:${portOf(secure)}`, "POST", "/api/auth/sign-in/email", {
        as: null,
        body: { email: ownerEmail, password: ownerPassword },
      })
      expect(answer.headers.getSetCookie()).toEqual([
        expect.stringMatching(
          /^__Host-grantry\.session_token=[^;]+; Max-Age=\d+; Path=\/; HttpOnly; Secure; SameSite=Lax$/,
        ),
      ])
    } finally {
      await secure.destroy()
    }
  })

  test("a wrong password, an unknown address and a member without a password are refused alike", async () => {
    const wrong = await signIn({ email: ownerEmail, password: "not the password" })
    const unknown = await signIn({ email: "nobody@example.com", password: "not the password" })
    const body = { code: "SIGN_IN_REFUSED", detail: "The e-mail address or the password is wrong." }
    expect(wrong).toMatchObject({ status: 401, body })
    expect(unknown).toMatchObject({ status: 401, body })
    expect(wrong.headers.getSetCookie()).toEqual([])
  })

  test("sessions are kept as hashes, and what the database holds signs nobody in", async () => {
    const browser = await signInOnPage(server.url)
    const value = decodeURIComponent(browser.cookies.get(sessionCookie) ?? "")
    const token = value.slice(0, value.lastIndexOf("."))
    if (database === "sqlite") await server.stop()
    const dump = await openRaw(server.databaseUrl, (raw) => raw.dump())
    if (database === "sqlite") await server.restart()
    const text = JSON.stringify(dump)
    expect(text).not.toContain(token)
    const stored = (dump["sessions"] ?? []).map((row) => String(row["token_hash"]))
    expect(stored.length).toBeGreaterThan(0)
    const secrets = (dump["meta"] ?? []).map((row) => String(row["value"]))
    const forged = [...stored, ...stored.map((hash) => `sha256:${hash}`)].flatMap((name) =>
      ["", ...secrets].map((secret) => (secret === "" ? name : signSessionToken(name, secret))),
    )
    for (const cookie of forged) {
      const headers = { cookie: `${sessionCookie}=${cookie}` }
      expect((await call(server.url, "GET", "/api/apps", { as: null, headers })).status).toBe(401)
    }
    const own = { cookie: `${sessionCookie}=${browser.cookies.get(sessionCookie)}` }
    expect((await call(server.url, "GET", "/api/apps", { as: null, headers: own })).status).toBe(200)
  })

  test("signing out ends the session at once, here and in the library", async () => {
    const browser = await signInOnPage(server.url)
    const copy = { cookie: cookieOf(browser) }
    expect((await call(server.url, "GET", "/api/apps", { as: null, headers: copy })).status).toBe(200)
    const page = await browser.open(`${server.url}/sign-in`)
    expect(page.html).toContain(ownerEmail)
    await browser.submit(page, formTo(page, "/sign-out"))
    expect((await call(server.url, "GET", "/api/apps", { as: null, headers: copy })).status).toBe(401)
    const session = await call(server.url, "GET", "/api/auth/get-session", { as: null, headers: copy })
    expect([session.status, session.body]).toEqual([200, null])
  })

  test("a session is named in the list without its token, and ended by that name", async () => {
    const person = await join(server.url, await firstWorkspace(server.url), "viewer")
    const other = await signInOnPage(server.url, { email: person.email })
    const list = await callFrom<{ id: string; token: string }[]>(
      person.browser,
      server.url,
      "GET",
      "/api/auth/list-sessions",
    )
    expect(list.body).toHaveLength(2)
    for (const { token } of list.body) expect(token).toMatch(/^sha256:/)
    const names = list.body.map(({ token }) => token)
    for (const token of names) {
      const forged = { cookie: `${sessionCookie}=${encodeURIComponent(`${token}.AAAA`)}` }
      expect((await call(server.url, "GET", "/api/apps", { as: null, headers: forged })).status).toBe(401)
    }
    const ended = await callFrom(person.browser, server.url, "POST", "/api/auth/revoke-other-sessions")
    expect(ended.status).toBe(200)
    expect((await callFrom(other, server.url, "GET", "/api/apps")).status).toBe(401)
    expect((await callFrom(person.browser, server.url, "GET", "/api/apps")).status).toBe(200)
    const [own] = (
      await callFrom<{ token: string }[]>(person.browser, server.url, "GET", "/api/auth/list-sessions")
    ).body
    await callFrom(person.browser, server.url, "POST", "/api/auth/revoke-session", { token: own?.token })
    expect((await callFrom(person.browser, server.url, "GET", "/api/apps")).status).toBe(401)
  })

  test("a changed password needs the present one, and ends every other sign-in", async () => {
    const person = await join(server.url, await firstWorkspace(server.url), "viewer")
    const other = await signInOnPage(server.url, { email: person.email })
    const change = (currentPassword: string, newPassword: string) =>
      callFrom(person.browser, server.url, "POST", "/api/auth/change-password", {
        currentPassword,
        newPassword,
      })
    expect(await change("wrong", "another password")).toMatchObject({
      status: 400,
      body: { code: "SIGN_IN_REFUSED" },
    })
    expect(await change(ownerPassword, "short")).toMatchObject({
      status: 400,
      body: { code: "INVALID_REQUEST" },
    })
    const changed = await change(ownerPassword, "another password")
    expect(changed.status).toBe(200)
    expect((await callFrom(other, server.url, "GET", "/api/apps")).status).toBe(401)
    expect((await callFrom(person.browser, server.url, "GET", "/api/apps")).status).toBe(401)
    const [renewed = ""] = changed.headers.getSetCookie()
    const headers = { cookie: renewed.split(";")[0] ?? "" }
    expect((await call(server.url, "GET", "/api/apps", { as: null, headers })).status).toBe(200)
    expect((await signIn({ email: person.email, password: ownerPassword })).status).toBe(401)
    await signInOnPage(server.url, { email: person.email, password: "another password" })
  })

  test("a name can be changed, and nothing else with it", async () => {
    const person = await join(server.url, await firstWorkspace(server.url), "viewer")
    const body = { name: "Grace", email: "stolen@example.com", emailVerified: true, id: "mem_x" }
    expect((await callFrom(person.browser, server.url, "POST", "/api/auth/update-user", body)).status).toBe(
      200,
    )
    const session = await callFrom(person.browser, server.url, "GET", "/api/auth/get-session")
    expect(session.body).toMatchObject({
      user: { name: "Grace", email: person.email, emailVerified: false, id: person.memberId },
    })
  })

  test("a password that was set once is not overwritten by the environment at the next start", async () => {
    const browser = await signInOnPage(server.url)
    await callFrom(browser, server.url, "POST", "/api/auth/change-password", {
      currentPassword: ownerPassword,
      newPassword: "the owner's own choice",
    })
    await server.restart()
    expect((await signIn({ email: ownerEmail, password: ownerPassword })).status).toBe(401)
    const again = await signInOnPage(server.url, { password: "the owner's own choice" })
    await callFrom(again, server.url, "POST", "/api/auth/change-password", {
      currentPassword: "the owner's own choice",
      newPassword: ownerPassword,
    })
  })

  test("sign-in, refused sign-in, sign-out and password change are on record, with the address", async () => {
    const workspaceId = await firstWorkspace(server.url)
    const events = await call<{ audit_events: Record<string, unknown>[] }>(
      server.url,
      "GET",
      `/api/workspace/${workspaceId}/audit-events?limit=200`,
    )
    const seen = events.body.audit_events.map(({ action, outcome }) => `${String(action)} ${String(outcome)}`)
    for (const expected of [
      "member.sign_in ok",
      "member.sign_in refused",
      "member.sign_out ok",
      "member.change_password ok",
      "member.invite ok",
      "member.join ok",
    ])
      expect(seen).toContain(expected)
    const signedIn = events.body.audit_events.find(({ action }) => action === "member.sign_in")
    expect(signedIn).toMatchObject({ address: "127.0.0.1", actor: expect.stringMatching(/^member:mem_/) })
  })
})

describe.each(databases)("who may sign up on %s", (database) => {
  const person = { email: "grace@example.com", name: "Grace", password: "a long enough password" }

  async function signUp(
    env: Record<string, string>,
    prepare: (url: string) => Promise<void> = async () => {},
  ) {
    const server = await startTestServer({ database, env })
    try {
      await prepare(server.url)
      const answer = await call(server.url, "POST", "/api/auth/sign-up/email", { as: null, body: person })
      const cookie = answer.headers.getSetCookie()[0]?.split(";")[0] ?? ""
      const workspaces = await call(server.url, "GET", "/api/workspace/workspaces", {
        as: null,
        headers: { cookie },
      })
      const again = await call(server.url, "POST", "/api/auth/sign-up/email", { as: null, body: person })
      return { answer, workspaces, again }
    } finally {
      await server.destroy()
    }
  }

  test("by default nobody without an invitation", async () => {
    const { answer, workspaces } = await signUp({})
    expect(answer).toMatchObject({ status: 403, body: { code: "SIGN_UP_CLOSED" } })
    expect(workspaces.status).toBe(401)
  })

  test("an invited address, which gets a workspace of its own and is in no other before it joins", async () => {
    const { again, answer, workspaces } = await signUp({}, async (url) => {
      await call(url, "POST", `/api/workspace/${await firstWorkspace(url)}/members`, {
        body: { email: "Grace@Example.com", role: "editor" },
      })
    })
    expect(answer).toMatchObject({ status: 200, body: { user: { email: person.email } } })
    expect(workspaces.body).toEqual({
      workspaces: [expect.objectContaining({ name: "Personal", user_role: "owner" })],
    })
    expect(again).toMatchObject({ status: 409, body: { code: "ALREADY_MEMBER" } })
  })

  test("everybody where the operator says so", async () => {
    expect((await signUp({ GRANTRY_SIGN_UP: "open" })).answer.status).toBe(200)
  })
})

describe.each(databases)("the start link on %s", (database) => {
  test("signs the owner in and takes the password they choose, once it is a good one", async () => {
    const server = await startTestServer({ database, env: { GRANTRY_BOOTSTRAP_API_KEY: "" } })
    try {
      const browser = new TestBrowser()
      const link = server.startLink() ?? ""
      const page = await browser.open(link)
      const action = new URL(link).pathname
      const refused = await browser.submit(page, formTo(page, action), { password: "a long enough password" })
      expect([refused.status, refused.html]).toEqual([
        400,
        expect.stringContaining("you need an e-mail address"),
      ])
      const short = await browser.submit(page, formTo(page, action), { email: ownerEmail, password: "short" })
      expect(short.status).toBe(400)
      expect(browser.cookies.has(sessionCookie)).toBe(false)
      const keys = await browser.submit(page, formTo(page, action), {
        email: ownerEmail,
        password: ownerPassword,
      })
      expect(keys.html).toMatch(/b44k_/)
      expect((await callFrom(browser, server.url, "GET", "/api/apps")).status).toBe(200)
      const session = await callFrom(browser, server.url, "GET", "/api/auth/get-session")
      expect(session.body).toMatchObject({ user: { email: ownerEmail } })
      await signInOnPage(server.url)
    } finally {
      await server.destroy()
    }
  })
})

function portOf(server: TestServer): string {
  const line = /Server listening at http:\/\/127\.0\.0\.1:(\d+)/.exec(server.logged())
  return line?.[1] ?? ""
}
