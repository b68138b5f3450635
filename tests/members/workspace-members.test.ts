/** CONTRACT.md section 6: who belongs to a workspace, who may change that, and how at once it counts. */
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest"
import { type Answer, call, createApp } from "../harness/api.ts"
import { TestBrowser } from "../harness/browser.ts"
import {
  callFrom,
  firstWorkspace,
  formTo,
  join,
  ownerEmail,
  ownerPassword,
  type Person,
  signInOnPage,
  startWithOwner,
} from "../harness/members.ts"
import { moveClock } from "../harness/sandbox.ts"
import { databases, ownerKey, type TestServer } from "../harness/server.ts"

// Passwords are slow to judge on purpose, and other files run beside this one.
vi.setConfig({ testTimeout: 120_000 })

interface Member {
  readonly id: string
  readonly email: string
  readonly role: string
  readonly status: string
}
interface Invited extends Member {
  readonly link: string
}

describe.each(databases)("members of a workspace on %s", (database) => {
  let server: TestServer
  let owner: TestBrowser
  let personal: string
  beforeAll(async () => {
    server = await startWithOwner({ database })
    owner = await signInOnPage(server.url)
    personal = await firstWorkspace(server.url)
  })
  afterAll(() => server.destroy())

  const from = <Body = Record<string, unknown>>(
    browser: TestBrowser,
    method: string,
    path: string,
    body?: unknown,
  ): Promise<Answer<Body>> => callFrom<Body>(browser, server.url, method, path, body)

  async function newWorkspace(): Promise<string> {
    const made = await from<{ id: string }>(owner, "POST", "/api/workspace/workspaces", { name: "Team" })
    return made.body.id
  }
  /** `join` invites with the owner's key, which opens the personal workspace only. */
  async function joinAs(workspaceId: string, role: string): Promise<Person> {
    const person = await join(server.url, personal, "viewer")
    const invited = await invite(owner, workspaceId, person.email, role)
    const page = await person.browser.open(invited.body.link)
    const joined = await person.browser.submit(page, formTo(page, new URL(invited.body.link).pathname))
    expect(joined.html).toContain("You are in Team")
    return person
  }
  const members = (workspaceId: string) => `/api/workspace/${workspaceId}/members`
  const invite = (browser: TestBrowser, workspaceId: string, email: string, role: string) =>
    from<Invited>(browser, "POST", members(workspaceId), { email, role })
  const setRole = (browser: TestBrowser, workspaceId: string, id: string, role: string) =>
    from<Member>(browser, "PUT", `${members(workspaceId)}/${id}`, { role })
  const remove = (browser: TestBrowser, workspaceId: string, id: string) =>
    from(browser, "DELETE", `${members(workspaceId)}/${id}`)
  const list = async (browser: TestBrowser, workspaceId: string, query = "") =>
    (
      await from<{ members: Member[]; next_cursor: string | null }>(
        browser,
        "GET",
        members(workspaceId) + query,
      )
    ).body
  const ownerId = async () =>
    (await from<{ user: { id: string } }>(owner, "GET", "/api/auth/get-session")).body.user.id

  test("the link of an invitation is shown once, and joins whoever it is for, once", async () => {
    const ws = await newWorkspace()
    const invited = await invite(owner, ws, "New.Person@example.com", "editor")
    expect(invited).toMatchObject({
      status: 200,
      body: { status: "invited", role: "editor", link: expect.stringMatching(/\/invite\/[\w-]{43}$/) },
    })
    expect(invited.headers.get("cache-control")).toBe("no-store")
    expect(JSON.stringify(await list(owner, ws))).not.toContain("/invite/")
    const browser = new TestBrowser()
    const page = await browser.open(invited.body.link)
    for (const shown of ["Team", ownerEmail, "editor", "New.Person@example.com"])
      expect(page.html).toContain(shown)
    const action = new URL(invited.body.link).pathname
    const weak = await browser.submit(page, formTo(page, action), { name: "New", password: "short" })
    expect([weak.status, weak.html]).toEqual([400, expect.stringContaining("Password too short")])
    const nameless = await browser.submit(page, formTo(page, action), { name: " ", password: ownerPassword })
    expect(nameless.status).toBe(400)
    const joined = await browser.submit(page, formTo(page, action), { name: "New", password: ownerPassword })
    expect(joined.html).toContain("You are in Team")
    expect((await list(browser, ws)).members.map(({ email, role, status }) => [email, role, status])).toEqual(
      [
        ["new.person@example.com", "editor", "active"],
        [ownerEmail, "owner", "active"],
      ],
    )
    const again = await browser.open(invited.body.link)
    expect([again.status, again.html]).toEqual([404, expect.stringContaining("used up, withdrawn or over")])
    const twice = await invite(owner, ws, "new.person@example.com", "viewer")
    expect(twice).toMatchObject({ status: 409, body: { code: "ALREADY_MEMBER" } })
  })

  test("an invitation is for its address: another member is told so, a member signs in first", async () => {
    const ws = await newWorkspace()
    const person = await join(server.url, personal, "viewer")
    const { link } = (await invite(owner, ws, person.email, "viewer")).body
    const other = await owner.open(link)
    expect(other.html).toContain(`You are signed in as ${ownerEmail}`)
    const stranger = new TestBrowser()
    const page = await stranger.open(link)
    expect(page.html).toContain(`/sign-in?next=${new URL(link).pathname}`)
    expect(page.html).not.toContain("password")
    const forms = await person.browser.open(link)
    const action = new URL(link).pathname
    const asOwner = await owner.post(forms, formTo(forms, action))
    expect(asOwner.status).toBe(400)
    expect((await person.browser.submit(forms, formTo(forms, action))).html).toContain("You are in Team")
  })

  test("a new invitation of an address replaces the one before; withdrawn and old ones are over", async () => {
    const ws = await newWorkspace()
    const first = (await invite(owner, ws, "waiting@example.com", "admin")).body
    const second = (await invite(owner, ws, "waiting@example.com", "viewer")).body
    expect((await owner.open(first.link)).status).toBe(404)
    expect((await list(owner, ws)).members).toContainEqual(
      expect.objectContaining({ id: second.id, role: "viewer", status: "invited" }),
    )
    expect((await remove(owner, ws, first.id)).status).toBe(404)
    expect((await remove(owner, ws, second.id)).status).toBe(200)
    expect((await owner.open(second.link)).status).toBe(404)
    const third = (await invite(owner, ws, "waiting@example.com", "viewer")).body
    await moveClock(server.url, 8 * 24 * 3_600_000)
    expect((await owner.open(third.link)).status).toBe(404)
    expect((await list(owner, ws)).members.map(({ email }) => email)).toEqual([ownerEmail])
    const signUp = { email: "waiting@example.com", name: "Late", password: ownerPassword }
    const late = await call(server.url, "POST", "/api/auth/sign-up/email", { as: null, body: signUp })
    expect(late).toMatchObject({ status: 403, body: { code: "SIGN_UP_CLOSED" } })
  })

  test("who may invite, change and remove whom", async () => {
    const ws = await newWorkspace()
    const people = {
      owner: { browser: owner },
      admin: await joinAs(ws, "admin"),
      editor: await joinAs(ws, "editor"),
      viewer: await joinAs(ws, "viewer"),
    }
    const target = await joinAs(ws, "viewer")
    const secondOwner = await joinAs(ws, "owner")
    const asked: Record<string, readonly number[]> = {}
    for (const [role, { browser }] of Object.entries(people)) {
      asked[role] = [
        (await from(browser, "GET", members(ws))).status,
        (await invite(browser, ws, `${role}-invites-viewer@example.com`, "viewer")).status,
        (await invite(browser, ws, `${role}-invites-owner@example.com`, "owner")).status,
        (await setRole(browser, ws, target.memberId, "editor")).status,
        (await setRole(browser, ws, target.memberId, "owner")).status,
        (await setRole(browser, ws, secondOwner.memberId, "viewer")).status,
        (await from(browser, "GET", `/api/workspace/${ws}/audit-events`)).status,
      ]
      await setRole(owner, ws, target.memberId, "viewer")
      await setRole(owner, ws, secondOwner.memberId, "owner")
    }
    expect(asked).toEqual({
      owner: [200, 200, 200, 200, 200, 200, 200],
      admin: [200, 200, 403, 200, 403, 403, 200],
      editor: [200, 403, 403, 403, 403, 403, 403],
      viewer: [200, 403, 403, 403, 403, 403, 403],
    })
    for (const { browser } of [people.admin, people.editor, people.viewer])
      expect((await remove(browser, ws, secondOwner.memberId)).status).toBe(403)
    for (const { browser } of [people.editor, people.viewer])
      expect((await remove(browser, ws, target.memberId)).status).toBe(403)
    expect((await remove(people.admin.browser, ws, target.memberId)).status).toBe(200)
    expect((await remove(owner, ws, secondOwner.memberId)).status).toBe(200)
  })

  test("the last owner can neither leave nor be demoted; everybody else may leave", async () => {
    const ws = await newWorkspace()
    const me = await ownerId()
    for (const answer of [await setRole(owner, ws, me, "admin"), await remove(owner, ws, me)])
      expect(answer).toMatchObject({ status: 409, body: { code: "LAST_OWNER" } })
    const viewer = await joinAs(ws, "viewer")
    expect((await remove(viewer.browser, ws, viewer.memberId)).status).toBe(200)
    const second = await joinAs(ws, "owner")
    expect((await remove(owner, ws, me)).status).toBe(200)
    expect((await from(owner, "GET", members(ws))).status).toBe(404)
    expect((await remove(second.browser, ws, second.memberId)).status).toBe(409)
  })

  test("of two owners who demote each other at the same moment one stays", async () => {
    for (let round = 0; round < 5; round += 1) {
      const ws = await newWorkspace()
      const me = await ownerId()
      const second = await joinAs(ws, "owner")
      const statuses = (
        await Promise.all([
          setRole(owner, ws, second.memberId, "viewer"),
          setRole(second.browser, ws, me, "viewer"),
        ])
      ).map(({ status }) => status)
      expect(statuses).toContain(200)
      const people = (await list(owner, ws)).members
      expect(people.filter(({ role }) => role === "owner")).toHaveLength(1)
    }
  })

  test("a personal workspace keeps its member as an owner", async () => {
    const second = await join(server.url, personal, "owner")
    const demoted = await setRole(second.browser, personal, await ownerId(), "viewer")
    expect(demoted).toMatchObject({ status: 409, body: { code: "LAST_OWNER" } })
    expect((await remove(second.browser, personal, await ownerId())).status).toBe(409)
    expect((await setRole(owner, personal, second.memberId, "viewer")).status).toBe(200)
  })

  test("a changed role and a removal count at once, for sessions and keys", async () => {
    const ws = await newWorkspace()
    const person = await joinAs(ws, "editor")
    const key = await from<{ key: string }>(person.browser, "POST", `/api/workspace/${ws}/api-keys`, {
      name: "x",
    })
    const asKey = { as: { apiKey: key.body.key } }
    const audit = `/api/workspace/${ws}/audit-events`
    expect((await from(person.browser, "GET", audit)).status).toBe(403)
    expect((await call(server.url, "GET", audit, asKey)).status).toBe(403)
    await setRole(owner, ws, person.memberId, "admin")
    expect((await from(person.browser, "GET", audit)).status).toBe(200)
    expect((await call(server.url, "GET", audit, asKey)).status).toBe(200)
    await remove(owner, ws, person.memberId)
    // Who is removed is signed out everywhere.
    expect((await from(person.browser, "GET", audit)).status).toBe(401)
    expect((await call(server.url, "GET", audit, asKey)).status).toBe(401)
    const keys = await from<{ api_keys: unknown[] }>(owner, "GET", `/api/workspace/${ws}/api-keys`)
    expect(keys.body.api_keys).toEqual([])
  })

  test("foreign and missing members answer alike, and a personal key opens no other workspace", async () => {
    const ws = await newWorkspace()
    const elsewhere = await join(server.url, personal, "viewer")
    const put = (id: string) => from(owner, "PUT", `${members(ws)}/${id}`, { role: "admin" })
    const foreign = await put(elsewhere.memberId)
    const missing = await put("mem_00000000000000000000000000")
    expect([foreign.status, foreign.body["detail"]]).toEqual([404, missing.body["detail"]])
    expect((await remove(owner, ws, elsewhere.memberId)).status).toBe(404)
    const withKey = await call(server.url, "GET", members(ws), { as: { apiKey: ownerKey } })
    expect(withKey.status).toBe(404)
  })

  test("the list comes in pages that join without gaps or repeats", async () => {
    const ws = await newWorkspace()
    for (let index = 0; index < 6; index += 1) await invite(owner, ws, `page${index}@example.com`, "viewer")
    await joinAs(ws, "viewer")
    const all = (await list(owner, ws)).members
    expect(all).toHaveLength(8)
    const seen: Member[] = []
    let cursor: string | null = null
    do {
      const query: string = cursor === null ? "?limit=3" : `?limit=3&cursor=${cursor}`
      const page = await list(owner, ws, query)
      expect(page.members.length).toBeLessThanOrEqual(3)
      seen.push(...page.members)
      cursor = page.next_cursor
    } while (cursor !== null)
    expect(seen).toEqual(all)
    for (const query of ["?limit=0", "?limit=201", "?limit=x", "?cursor=nonsense"])
      expect((await from(owner, "GET", members(ws) + query)).status).toBe(400)
  })

  test("malformed invitations and roles are refused by field", async () => {
    const ws = await newWorkspace()
    for (const body of [
      {},
      { email: "x", role: "viewer" },
      { email: "a@b.co", role: "king" },
      { email: "a b@c.de", role: "viewer" },
      { email: "a@b.co", role: "viewer", extra: 1 },
    ])
      expect((await from(owner, "POST", members(ws), body)).status).toBe(400)
    expect((await setRole(owner, ws, await ownerId(), "king")).status).toBe(400)
  })
})

describe.each(databases)("audit events on %s", (database) => {
  let server: TestServer
  let events: string
  beforeAll(async () => {
    server = await startWithOwner({ database })
    events = `/api/workspace/${await firstWorkspace(server.url)}/audit-events`
  })
  afterAll(() => server.destroy())

  interface Listed {
    readonly audit_events: { id: string; at: string; action: string; actor: string; app_id: string | null }[]
    readonly next_cursor: string | null
  }
  const get = (query = "") => call<Listed>(server.url, "GET", events + query)

  test("come newest first, in pages, and are filtered by who, what, which app and when", async () => {
    const app = await createApp(server.url)
    const other = await createApp(server.url)
    await join(server.url, await firstWorkspace(server.url), "viewer")
    const all = (await get()).body.audit_events
    expect(all.length).toBeGreaterThan(3)
    expect(all.map(({ at }) => at)).toEqual(
      all
        .map(({ at }) => at)
        .toSorted()
        .toReversed(),
    )
    const paged: unknown[] = []
    let cursor: string | null = null
    do {
      const page: Listed = (await get(`?limit=2${cursor === null ? "" : `&cursor=${cursor}`}`)).body
      paged.push(...page.audit_events)
      cursor = page.next_cursor
    } while (cursor !== null)
    expect(paged).toEqual(all)
    const ofApp = (await get(`?app_id=${app.id}`)).body.audit_events
    expect(ofApp.length).toBeGreaterThan(0)
    expect(ofApp.every(({ app_id }) => app_id === app.id && app_id !== other.id)).toBe(true)
    const invited = (await get("?action=member.invite")).body.audit_events
    expect(invited).toHaveLength(1)
    const actor = invited[0]?.actor ?? ""
    expect((await get(`?actor=${actor}`)).body.audit_events.every((one) => one.actor === actor)).toBe(true)
    const newest = all[0]?.at ?? ""
    expect((await get(`?since=${newest}`)).body.audit_events[0]?.at).toBe(newest)
    expect((await get(`?until=${newest}`)).body.audit_events.some(({ at }) => at === newest)).toBe(false)
  })

  test.each(["?since=yesterday", "?until=1", "?limit=0", "?cursor=x", "?since=2026-11-28T12:00:00"])(
    "%s is refused with the field's name",
    async (query) => {
      const field = /\?(\w+)=/.exec(query)?.[1] ?? ""
      expect(await get(query)).toMatchObject({
        status: 400,
        body: { detail: expect.stringContaining(field) },
      })
    },
  )
})
