/** SECURITY.md lines 14 and 25: guesses of passwords and device codes are limited, per account and per address. */
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest"
import { call } from "../harness/api.ts"
import {
  firstWorkspace,
  formTo,
  join,
  ownerPassword,
  signInOnPage,
  startWithOwner,
} from "../harness/members.ts"
import { moveClock } from "../harness/sandbox.ts"
import { databases, type TestServer } from "../harness/server.ts"

// Passwords are slow to judge on purpose, and other files run beside this one.
vi.setConfig({ testTimeout: 120_000 })

describe.each(databases)("guesses on %s", (database) => {
  let server: TestServer
  beforeAll(async () => {
    server = await startWithOwner({ database })
  })
  afterAll(() => server.destroy())

  const signIn = (email: string, password: string) =>
    call(server.url, "POST", "/api/auth/sign-in/email", { as: null, body: { email, password } })

  test("of many wrong passwords at once ten are judged; then even the right one waits, also after a restart", async () => {
    const { email } = await join(server.url, await firstWorkspace(server.url), "viewer")
    const answers = await Promise.all(Array.from({ length: 25 }, () => signIn(email, "wrong password")))
    expect(answers.filter(({ status }) => status === 401)).toHaveLength(10)
    expect(answers.filter(({ status }) => status === 429)).toHaveLength(15)
    const right = await signIn(email, ownerPassword)
    expect(right).toMatchObject({ status: 429, body: { code: "RATE_LIMITED" } })
    expect(Number(right.headers.get("retry-after"))).toBeGreaterThan(300)
    if (database === "sqlite") await server.restart()
    expect((await signIn(email.toUpperCase(), ownerPassword)).status).toBe(429)
    const another = await join(server.url, await firstWorkspace(server.url), "viewer")
    expect((await signIn(another.email, ownerPassword)).status).toBe(200)
    await moveClock(server.url, 11 * 60_000)
    expect((await signIn(email, ownerPassword)).status).toBe(200)
  })

  test("right passwords are never too many", async () => {
    const { email } = await join(server.url, await firstWorkspace(server.url), "viewer")
    for (let times = 0; times < 12; times += 1) expect((await signIn(email, ownerPassword)).status).toBe(200)
  })

  test("one address may find out of a hundred others whether they were invited, not of more", async () => {
    const signUp = (index: number) =>
      call(server.url, "POST", "/api/auth/sign-up/email", {
        as: null,
        body: { email: `nobody${index}@example.com`, name: "Nobody", password: "a long enough password" },
      })
    const answers = await Promise.all(Array.from({ length: 110 }, (_, index) => signUp(index)))
    expect(answers.filter(({ status }) => status === 403)).toHaveLength(100)
    expect(answers.filter(({ status }) => status === 429)).toHaveLength(10)
    await moveClock(server.url, 11 * 60_000)
  })

  test("wrong device codes are said in plain words, and after ten of them there is a pause", async () => {
    const { browser } = await join(server.url, await firstWorkspace(server.url), "viewer")
    let page = await browser.open(`${server.url}/device`)
    for (let tries = 0; tries < 10; tries += 1) {
      page = await browser.submit(page, formTo(page, "/device"), { user_code: "BCDF-GHJK" })
      expect([page.status, page.html]).toEqual([
        404,
        expect.stringContaining("No login waits with this code"),
      ])
    }
    page = await browser.submit(page, formTo(page, "/device"), { user_code: "BCDF-GHJK" })
    expect([page.status, page.html]).toEqual([429, expect.stringContaining("Too many tries")])
    expect(Number(page.headers.get("retry-after"))).toBeGreaterThan(0)
    const owner = await signInOnPage(server.url)
    const other = await owner.open(`${server.url}/device`)
    expect((await owner.submit(other, formTo(other, "/device"), { user_code: "bcdf ghjk" })).status).toBe(404)
  })

  test("an address begins a hundred device logins in ten minutes", async () => {
    await moveClock(server.url, 11 * 60_000)
    const begin = () =>
      call(server.url, "POST", "/oauth/device/code", { as: null, body: { client_id: "base44_cli" } })
    const answers = await Promise.all(Array.from({ length: 105 }, begin))
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(100)
    expect(answers.filter(({ status }) => status === 429)).toHaveLength(5)
  })
})
