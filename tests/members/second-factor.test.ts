/** SECURITY.md lines 13, 14 and 16: a member's second factor. No session before it, no code twice, nothing in plain. */
import { readFileSync } from "node:fs"
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from "vitest"
import { call } from "../harness/api.ts"
import { TestBrowser } from "../harness/browser.ts"
import {
  answerDevice,
  callFrom,
  firstWorkspace,
  formTo,
  join,
  ownerPassword,
  type Person,
  startWithOwner,
} from "../harness/members.ts"
import { moveClock } from "../harness/sandbox.ts"
import { earlyInStep, keepCookiesOf, type SecondFactor, totp, turnOn } from "../harness/second-factor.ts"
import { databases, type TestServer } from "../harness/server.ts"
import { openRaw, withRawDatabase } from "../security/raw-database.ts"

// Passwords are slow to judge on purpose, and other files run beside this one.
vi.setConfig({ testTimeout: 120_000 })

const sessionCookie = "grantry.session_token"
const challengeCookie = "grantry.two_factor"

describe.each(databases)("the second factor on %s", (database) => {
  let server: TestServer
  let person: Person
  let factor: SecondFactor

  beforeAll(async () => {
    server = await startWithOwner({ database })
  })
  afterAll(() => server.destroy())
  beforeEach(async () => {
    person = await join(server.url, await firstWorkspace(server.url), "viewer")
    await earlyInStep()
    factor = await turnOn(person.browser, server.url)
  })

  const own = (method: string, path: string, body?: unknown) =>
    callFrom(person.browser, server.url, method, `/api/auth/${path}`, body)
  const stillAsked = async () => (await firstStep()).page.url.includes("/sign-in/code")

  /** The password's page, in a browser of its own. */
  async function firstStep(browser = new TestBrowser(), next = "/account") {
    const entry = await browser.open(`${server.url}/sign-in?next=${encodeURIComponent(next)}`)
    const credentials = { email: person.email, password: ownerPassword }
    return { browser, page: await browser.submit(entry, formTo(entry, "/sign-in"), credentials) }
  }

  async function secondStep(code: string, started?: Awaited<ReturnType<typeof firstStep>>) {
    const { browser, page } = started ?? (await firstStep())
    return { browser, page: await browser.submit(page, formTo(page, "/sign-in/code"), { code }) }
  }

  const isSignedIn = async (browser: TestBrowser) =>
    (await callFrom(browser, server.url, "GET", "/api/apps")).status === 200

  async function auditOf(action: string) {
    const [ws] = (
      await callFrom<{ workspaces: { id: string }[] }>(
        person.browser,
        server.url,
        "GET",
        "/api/workspace/workspaces",
      )
    ).body.workspaces
    const path = `/api/workspace/${ws?.id}/audit-events?action=${action}`
    return expect.poll(
      async () =>
        (await callFrom<{ audit_events: unknown[] }>(person.browser, server.url, "GET", path)).body
          .audit_events,
      { timeout: 20_000 },
    )
  }

  test("the password alone makes no session: the code does, and then the person is where they wanted to go", async () => {
    const started = await firstStep()
    expect(started.page.url).toBe(`${server.url}/sign-in/code?next=%2Faccount`)
    expect(started.browser.cookies.get(sessionCookie) ?? "").toBe("")
    expect(await isSignedIn(started.browser)).toBe(false)
    const session = await callFrom(started.browser, server.url, "GET", "/api/auth/get-session")
    expect(session.body).toBeNull()
    // The challenge is no session either.
    const forged = { cookie: `${sessionCookie}=${started.browser.cookies.get(challengeCookie)}` }
    expect((await call(server.url, "GET", "/api/apps", { as: null, headers: forged })).status).toBe(401)
    const { browser, page } = await secondStep(totp(factor.totpURI), started)
    expect([page.status, page.url]).toEqual([200, `${server.url}/account`])
    expect(await isSignedIn(browser)).toBe(true)
    await (await auditOf("member.sign_in")).toContainEqual(expect.objectContaining({ outcome: "code_asked" }))
    await (
      await auditOf("member.sign_in")
    ).toContainEqual(expect.objectContaining({ outcome: "ok", target: "totp" }))
    await (await auditOf("member.turn_on_second_factor")).toHaveLength(1)
  })

  test("over JSON the first step says that a code is wanted, and the second sets the session's cookie", async () => {
    const first = await call(server.url, "POST", "/api/auth/sign-in/email", {
      as: null,
      body: { email: person.email, password: ownerPassword },
    })
    expect([first.status, first.body]).toEqual([200, { twoFactorRedirect: true, twoFactorMethods: ["totp"] }])
    const set = first.headers.getSetCookie().filter((line) => !line.startsWith(`${challengeCookie}=`))
    for (const line of set) expect(line).toMatch(/^[^=]+=;/)
    const browser = new TestBrowser()
    keepCookiesOf(browser, first.headers)
    const path = "/api/auth/two-factor/verify-totp"
    const second = await callFrom(browser, server.url, "POST", path, { code: totp(factor.totpURI) })
    expect(second).toMatchObject({ status: 200, body: { user: { email: person.email } } })
    expect(JSON.stringify(second.body)).not.toContain("token")
    keepCookiesOf(browser, second.headers)
    expect(await isSignedIn(browser)).toBe(true)
  })

  test("a code signs in once: used again within its half minute it is refused, and so is the one that turned it on", async () => {
    const code = totp(factor.totpURI)
    expect((await secondStep(code)).page.status).toBe(200)
    for (const used of [code, totp(factor.totpURI, -1)]) {
      const { browser, page } = await secondStep(used)
      expect([page.status, page.html]).toEqual([401, expect.stringContaining("was used already")])
      expect(await isSignedIn(browser)).toBe(false)
    }
    expect((await secondStep(totp(factor.totpURI, 1))).page.status).toBe(200)
  })

  test("of many at once with one code, one is signed in", async () => {
    const started = await Promise.all(Array.from({ length: 5 }, () => firstStep()))
    const code = totp(factor.totpURI)
    const ended = await Promise.all(started.map((one) => secondStep(code, one)))
    expect(ended.filter(({ page }) => page.status === 200)).toHaveLength(1)
    const backup = factor.backupCodes[0] ?? ""
    const again = await Promise.all(
      (await Promise.all([1, 2, 3].map(() => firstStep()))).map((one) => secondStep(backup, one)),
    )
    expect(again.filter(({ page }) => page.status === 200)).toHaveLength(1)
  })

  test("a code of another time is refused", async () => {
    expect((await secondStep(totp(factor.totpURI, 4))).page.status).toBe(401)
    expect((await secondStep(totp(factor.totpURI, -4))).page.status).toBe(401)
  })

  test("a backup code works once, however it is typed, and is on record", async () => {
    const [first = "", second = ""] = factor.backupCodes
    expect(factor.backupCodes).toHaveLength(10)
    expect((await secondStep(` ${first} `)).page.status).toBe(200)
    expect((await secondStep(first)).page.status).toBe(401)
    expect((await secondStep(second)).page.status).toBe(200)
    await (await auditOf("member.use_backup_code")).toHaveLength(2)
  })

  test("new backup codes need the password, and end the ones before", async () => {
    expect(await own("POST", "two-factor/generate-backup-codes", { password: "wrong" })).toMatchObject({
      status: 400,
      body: { code: "SIGN_IN_REFUSED" },
    })
    const renewed = await own("POST", "two-factor/generate-backup-codes", { password: ownerPassword })
    const [fresh = ""] = renewed.body["backupCodes"] as string[]
    expect((await secondStep(factor.backupCodes[0] ?? "")).page.status).toBe(401)
    expect((await secondStep(fresh)).page.status).toBe(200)
    await (await auditOf("member.renew_backup_codes")).toHaveLength(1)
  })

  test("after five wrong codes the password is asked for again, and after ten there is a pause", async () => {
    const started = await firstStep()
    let { page } = started
    for (let tries = 0; tries < 5; tries += 1) {
      page = (await secondStep(`00000${tries}`, { ...started, page })).page
      expect([tries, page.status]).toEqual([tries, 401])
    }
    page = (await secondStep(totp(factor.totpURI), { ...started, page })).page
    expect([page.status, page.html]).toEqual([401, expect.stringContaining("Five codes were wrong")])
    expect(await isSignedIn(started.browser)).toBe(false)
    const again = await firstStep()
    for (let tries = 0; tries < 4; tries += 1) await secondStep(`11111${tries}`, again)
    const paused = await secondStep(totp(factor.totpURI, 1), again)
    expect([paused.page.status, paused.page.html]).toEqual([429, expect.stringContaining("Too many tries")])
    await moveClock(server.url, 11 * 60_000)
    expect((await secondStep(totp(factor.totpURI, 1))).page.status).toBe(200)
  })

  test("nothing of it stands in the database or the log in plain", async () => {
    const code = totp(factor.totpURI)
    const started = await firstStep()
    const challenge = decodeURIComponent(started.browser.cookies.get(challengeCookie) ?? "")
    const secret = new URL(factor.totpURI).searchParams.get("secret") ?? ""
    const canaries = [
      secret,
      decodeBase32(secret),
      ...factor.backupCodes,
      challenge.slice(0, challenge.lastIndexOf(".")),
    ]
    await secondStep(code, started)
    if (database === "sqlite") await server.stop()
    const text = JSON.stringify(await openRaw(server.databaseUrl, (raw) => raw.dump()))
    if (database === "sqlite") await server.restart()
    for (const canary of canaries) {
      expect(canary.length).toBeGreaterThan(9)
      expect(text.includes(canary), canary).toBe(false)
      expect(server.logged().includes(canary), canary).toBe(false)
    }
    expect(text.includes(person.memberId)).toBe(true)
  })

  test("it is turned off with the password alone, never without", async () => {
    expect(await own("POST", "two-factor/disable", { password: "wrong" })).toMatchObject({ status: 400 })
    expect(await stillAsked()).toBe(true)
    const off = await own("POST", "two-factor/disable", { password: ownerPassword })
    expect(off.status).toBe(200)
    keepCookiesOf(person.browser, off.headers)
    expect((await firstStep()).page.url).toBe(`${server.url}/account`)
    await (await auditOf("member.turn_off_second_factor")).toHaveLength(1)
    expect(await own("POST", "two-factor/disable", { password: ownerPassword })).toMatchObject({
      status: 400,
      body: { code: "INVALID_REQUEST" },
    })
  })

  test("an operator takes it away in the database, as docs/operating.md says, and the password alone signs in", async () => {
    const operating = readFileSync(new URL("../../docs/operating.md", import.meta.url), "utf8")
    const statement = /^delete from second_factors .*$/m.exec(operating)?.[0] ?? ""
    const mine = statement.replace("ada@example.com", person.email)
    expect(mine).not.toBe(statement)
    await withRawDatabase(server, (raw) => raw.run(mine))
    expect((await firstStep()).page.url).toBe(`${server.url}/account`)
  })

  test("wrong passwords count with those of a changed password", async () => {
    for (let tries = 0; tries < 5; tries += 1) {
      await own("POST", "two-factor/disable", { password: "wrong" })
      await own("POST", "change-password", { currentPassword: "wrong", newPassword: "another password" })
    }
    const late = await own("POST", "two-factor/disable", { password: ownerPassword })
    expect(late).toMatchObject({ status: 429, body: { code: "RATE_LIMITED" } })
  })

  test("what was only prepared asks nobody for a code", async () => {
    const other = await join(server.url, await firstWorkspace(server.url), "viewer")
    const calls = (path: string, body: unknown) =>
      callFrom<SecondFactor>(other.browser, server.url, "POST", `/api/auth/two-factor/${path}`, body)
    await calls("enable", { password: ownerPassword })
    expect((await calls("confirm", { code: "000000" })).status).toBe(401)
    const signedIn = await call(server.url, "POST", "/api/auth/sign-in/email", {
      as: null,
      body: { email: other.email, password: ownerPassword },
    })
    expect(signedIn.body).toMatchObject({ user: { email: other.email } })
    const anew = await calls("enable", { password: ownerPassword })
    expect((await calls("confirm", { code: totp(anew.body.totpURI) })).status).toBe(200)
  })

  test("it cannot be prepared anew while it is on, nor by whoever is not signed in or calls with a key", async () => {
    expect(await own("POST", "two-factor/enable", { password: ownerPassword })).toMatchObject({
      status: 400,
      body: { detail: expect.stringContaining("is on already") },
    })
    for (const path of ["enable", "disable", "generate-backup-codes"]) {
      const answer = await call(server.url, "POST", `/api/auth/two-factor/${path}`, {
        body: { password: ownerPassword },
      })
      expect([path, answer.status]).toEqual([path, 401])
    }
  })

  test("another member's session in the browser does not decide who signs in", async () => {
    const other = await join(server.url, await firstWorkspace(server.url), "viewer")
    const first = await callFrom(other.browser, server.url, "POST", "/api/auth/sign-in/email", {
      email: person.email,
      password: ownerPassword,
    })
    const [challenge = ""] = first.headers.getSetCookie().filter((line) => line.startsWith(challengeCookie))
    const pair = challenge.split(";")[0] ?? ""
    other.browser.cookies.set(challengeCookie, pair.slice(pair.indexOf("=") + 1))
    const path = "/api/auth/two-factor/verify-totp"
    const second = await callFrom(other.browser, server.url, "POST", path, { code: totp(factor.totpURI) })
    expect(second.body).toMatchObject({ user: { email: person.email } })
  })

  test("a device login is approved behind the same two steps", async () => {
    const begun = await call<{ user_code: string }>(server.url, "POST", "/oauth/device/code", {
      as: null,
      body: { client_id: "grantry_cli" },
    })
    const browser = new TestBrowser()
    const entry = await browser.open(`${server.url}/device?user_code=${begun.body.user_code}`)
    expect(entry.url).toContain("/sign-in?next=")
    const credentials = { email: person.email, password: ownerPassword }
    const asked = await browser.submit(entry, formTo(entry, "/sign-in"), credentials)
    expect(asked.url).toContain("/sign-in/code")
    const device = await browser.submit(asked, formTo(asked, "/sign-in/code"), { code: totp(factor.totpURI) })
    expect(device.url).toContain("/device?user_code=")
    expect((await answerDevice(browser, server.url, begun.body.user_code)).html).toContain("is signed in")
  })

  test("another site can send neither step", async () => {
    const { browser } = await firstStep()
    const headers = {
      cookie: `${challengeCookie}=${browser.cookies.get(challengeCookie)}`,
      origin: "https://evil.example",
    }
    const body = { code: totp(factor.totpURI) }
    const path = "/api/auth/two-factor/verify-totp"
    const answer = await call(server.url, "POST", path, { as: null, headers, body })
    expect(answer).toMatchObject({ status: 403, body: { code: "ORIGIN_REFUSED" } })
  })

  test("owners and admins see who has one, others do not", async () => {
    const workspaceId = await firstWorkspace(server.url)
    const path = `/api/workspace/${workspaceId}/members?limit=200`
    type People = { members: { id: string; second_factor: boolean | null }[] }
    const ofOwner = await call<People>(server.url, "GET", path)
    expect(ofOwner.body.members).toContainEqual(
      expect.objectContaining({ id: person.memberId, second_factor: true }),
    )
    expect(ofOwner.body.members.some(({ second_factor: has }) => has === false)).toBe(true)
    const ofViewer = await callFrom<People>(person.browser, server.url, "GET", path)
    expect(ofViewer.body.members.every(({ second_factor: has }) => has === null)).toBe(true)
  })
})

function decodeBase32(text: string): string {
  const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
  let bits = ""
  for (const letter of text) bits += alphabet.indexOf(letter).toString(2).padStart(5, "0")
  return Buffer.from((bits.match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2))).toString("latin1")
}
