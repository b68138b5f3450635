/** Members sign in with `oidc-provider`, which nobody here wrote: who becomes whom, and who is refused. */
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest"
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
import { earlyInStep, keepCookiesOf, totp, turnOn } from "../harness/second-factor.ts"
import { databases, type TestServer } from "../harness/server.ts"
import { openRaw } from "../security/raw-database.ts"
import {
  newAccount,
  openIdClient,
  signInAs,
  type SignInSetup,
  startSignInSetup,
  upToReturn,
} from "./sign-in-provider.ts"

// Passwords are slow to judge on purpose, and other files run beside this one.
vi.setConfig({ testTimeout: 120_000 })

interface Methods {
  readonly password: boolean
  readonly secondFactor: { readonly since: string } | null
  readonly openId: { readonly name: string; readonly linked: boolean } | null
}

describe.each(databases)("signing in with an OpenID provider on %s", (database) => {
  let setup: SignInSetup
  let server: TestServer
  beforeAll(async () => {
    setup = await startSignInSetup(database)
    server = setup.server
  })
  afterAll(() => setup.close())
  afterEach(() => {
    setup.provider.person = { accountId: "ada", decision: "approve" }
  })

  const whoIs = async (browser: TestBrowser) =>
    (
      await callFrom<{ user: { id: string; email: string; name: string } } | null>(
        browser,
        server.url,
        "GET",
        "/api/auth/get-session",
      )
    ).body?.user
  const methodsOf = async (browser: TestBrowser) =>
    (await callFrom<Methods>(browser, server.url, "GET", "/api/auth/sign-in-methods")).body
  const inviteAddress = async (email: string) =>
    call<{ link: string }>(server.url, "POST", `/api/workspace/${await firstWorkspace(server.url)}/members`, {
      body: { email, role: "editor" },
    })
  const newcomer = async () => {
    const account = newAccount(setup)
    const invited = await inviteAddress(account.email)
    return { ...account, link: invited.body.link, ...(await signInAs(setup, account.sub)) }
  }

  /** From the account's page. */
  async function link(person: Person, sub: string, password: string | undefined = ownerPassword) {
    setup.provider.person = { ...setup.provider.person, accountId: sub }
    const begun = await callFrom<{ url: string; code?: string }>(
      person.browser,
      server.url,
      "POST",
      "/api/auth/oidc/link",
      { password },
    )
    keepCookiesOf(person.browser, begun.headers)
    return begun
  }
  const finishLink = async (person: Person, url: string) => person.browser.open(url)
  const someone = async () => join(server.url, await firstWorkspace(server.url), "viewer")
  async function linked() {
    const person = await someone()
    const account = newAccount(setup)
    await finishLink(person, (await link(person, account.sub)).body.url)
    return { person, ...account }
  }

  test("an invited person becomes a member with a workspace of their own, and joins with the invitation's link", async () => {
    const { browser, email, link: invitation, page, sub } = await newcomer()
    expect([page.status, page.url]).toEqual([200, `${server.url}/account`])
    expect(await whoIs(browser)).toMatchObject({ email, name: setup.provider.accounts.get(sub)?.name })
    expect(await methodsOf(browser)).toEqual({
      password: false,
      secondFactor: null,
      openId: { name: "Acme", linked: true },
    })
    const shown = await browser.open(invitation)
    await browser.submit(shown, formTo(shown, new URL(invitation).pathname))
    const list = await callFrom<{ workspaces: { user_role: string }[] }>(
      browser,
      server.url,
      "GET",
      "/api/workspace/workspaces",
    )
    expect(list.body.workspaces.map(({ user_role: role }) => role)).toEqual(["owner", "editor"])
  })

  test("the invitation's page offers it, and leads back to itself", async () => {
    const { email, sub } = newAccount(setup)
    const invited = await inviteAddress(email)
    const browser = new TestBrowser()
    const page = await browser.open(invited.body.link)
    const href = /href="(\/sign-in\/oidc\?[^"]*)"/.exec(page.html)?.[1] ?? ""
    expect(page.html).toContain("Sign up with Acme")
    setup.provider.person = { ...setup.provider.person, accountId: sub }
    const back = await browser.open(server.url + href)
    expect(back.url).toBe(invited.body.link)
    expect(back.html).toContain("Join")
  })

  test("it is the same member next time, whatever their address has become", async () => {
    const { browser, sub } = await newcomer()
    const first = await whoIs(browser)
    setup.provider.accounts.set(sub, { email: "married@example.com", email_verified: true, name: "Other" })
    const again = await signInAs(setup, sub)
    expect(await whoIs(again.browser)).toEqual(first)
  })

  test("the session's cookie is as strict as the password's, and neither code nor token stays anywhere", async () => {
    const { sub } = await newcomer()
    setup.provider.person = { ...setup.provider.person, accountId: sub }
    const browser = new TestBrowser()
    const back = await upToReturn(browser, server, `${server.url}/sign-in/oidc?next=/account`)
    const ended = await browser.request(back.href)
    expect(ended.status).toBe(303)
    expect(ended.headers.get("referrer-policy")).toBe("no-referrer")
    expect(ended.headers.get("cache-control")).toBe("no-store")
    expect(ended.headers.getSetCookie()).toContainEqual(
      expect.stringMatching(
        /^grantry\.session_token=[^;]+; Max-Age=1209600; Path=\/; HttpOnly; SameSite=Lax$/,
      ),
    )
    const sensitive = [
      back.searchParams.get("code") ?? "",
      back.searchParams.get("state") ?? "",
      openIdClient.secret,
    ]
    if (database === "sqlite") await server.stop()
    const text = JSON.stringify(await openRaw(server.databaseUrl, (raw) => raw.dump()))
    if (database === "sqlite") await server.restart()
    for (const canary of sensitive) {
      expect(canary.length).toBeGreaterThan(10)
      expect(text.includes(canary)).toBe(false)
      expect(server.logged().includes(canary)).toBe(false)
    }
  })

  test("the request has PKCE, a nonce and a state of its own each time", async () => {
    const browser = new TestBrowser()
    const asked = [1, 2].map(async () => {
      const seen = await browser.request(`${server.url}/sign-in/oidc`)
      return new URL(seen.headers.get("location") ?? "").searchParams
    })
    const [first, second] = await Promise.all(asked)
    expect(first?.get("code_challenge_method")).toBe("S256")
    for (const name of ["state", "nonce", "code_challenge"]) {
      expect(first?.get(name)).toMatch(/^[\w-]{43}$/)
      expect(first?.get(name)).not.toBe(second?.get(name))
    }
  })

  test("who was not invited is told nothing but what to do, and no member is made", async () => {
    const { email, sub } = newAccount(setup)
    const { browser, page } = await signInAs(setup, sub)
    expect([page.status, page.html]).toEqual([403, expect.stringContaining("ask an owner or admin")])
    expect(await whoIs(browser)).toBeUndefined()
    const person = await someone()
    const known = newAccount(setup, { email: person.email })
    const refused = await signInAs(setup, known.sub)
    const shown = (html: string) => /<p class="problem"[^>]*>([^<]*)</.exec(html)?.[1]
    expect(shown(refused.page.html)).toBe(shown(page.html))
    await inviteAddress(email)
    expect((await signInAs(setup, sub)).page.status).toBe(200)
  })

  test("a member with a password is not taken over by an account with their address, verified or not", async () => {
    for (const verified of [true, false, undefined]) {
      const person = await someone()
      const { sub } = newAccount(setup, {
        email: person.email,
        ...(verified !== undefined && { email_verified: verified }),
      })
      if (verified === undefined) setup.provider.accounts.set(sub, { email: person.email })
      const { browser, page } = await signInAs(setup, sub)
      expect([verified, page.status]).toEqual([verified, 403])
      expect(await whoIs(browser)).toBeUndefined()
      expect((await methodsOf(person.browser)).openId?.linked).toBe(false)
    }
  })

  test("an invited address that the provider does not vouch for makes no member", async () => {
    for (const account of [{ email_verified: false }, { email: "" }]) {
      const { email, sub } = newAccount(setup, account)
      if (email !== "") await inviteAddress(email)
      const { page } = await signInAs(setup, sub)
      expect([page.status, page.html]).toEqual([403, expect.stringContaining("is verified")])
    }
  })

  test("a member links it from their session with their password, and signs in either way from then on", async () => {
    const person = await someone()
    const { sub } = newAccount(setup)
    for (const wrong of ["not the password", undefined]) {
      const refused = await callFrom(person.browser, server.url, "POST", "/api/auth/oidc/link", {
        password: wrong,
      })
      expect(refused).toMatchObject({ status: 400, body: { code: "SIGN_IN_REFUSED" } })
    }
    const page = await finishLink(person, (await link(person, sub)).body.url)
    expect(page.url).toBe(`${server.url}/account`)
    expect((await methodsOf(person.browser)).openId?.linked).toBe(true)
    const { browser } = await signInAs(setup, sub)
    expect(await whoIs(browser)).toMatchObject({ id: person.memberId, email: person.email })
  })

  test("what one member linked, another cannot; and one member has one account of the provider", async () => {
    const { person, sub } = await linked()
    const other = await someone()
    const stolen = await finishLink(other, (await link(other, sub)).body.url)
    expect([stolen.status, stolen.html]).toEqual([409, expect.stringContaining("another member")])
    forgetProvider(person)
    const second = await finishLink(person, (await link(person, newAccount(setup).sub)).body.url)
    expect([second.status, second.html]).toEqual([409, expect.stringContaining("Unlink it first")])
  })

  test("a link that was begun by one member is not finished by another, nor after signing out", async () => {
    const person = await someone()
    const other = await someone()
    const { sub } = newAccount(setup)
    const back = await upToReturn(person.browser, server, (await link(person, sub)).body.url)
    person.browser.cookies.set(
      "grantry.session_token",
      other.browser.cookies.get("grantry.session_token") ?? "",
    )
    const swapped = await person.browser.open(back.href)
    expect([swapped.status, swapped.html]).toEqual([
      400,
      expect.stringContaining("not signed in here any more"),
    ])
    expect((await methodsOf(person.browser)).openId?.linked).toBe(false)
    expect((await methodsOf(other.browser)).openId?.linked).toBe(false)
  })

  test("it is unlinked while there is a password, and never when it is the last way in", async () => {
    const { person, sub } = await linked()
    expect((await callFrom(person.browser, server.url, "POST", "/api/auth/oidc/unlink")).status).toBe(200)
    expect((await signInAs(setup, sub)).page.status).toBe(403)
    const { browser } = await newcomer()
    expect(await callFrom(browser, server.url, "POST", "/api/auth/oidc/unlink")).toMatchObject({
      status: 409,
      body: { code: "LAST_SIGN_IN" },
    })
    expect((await methodsOf(browser)).openId?.linked).toBe(true)
  })

  test("a member's own second factor is asked for behind the provider too", async () => {
    const { person, sub } = await linked()
    await earlyInStep()
    const factor = await turnOn(person.browser, server.url)
    const { browser, page } = await signInAs(setup, sub)
    expect(page.url).toBe(`${server.url}/sign-in/code?next=%2Faccount`)
    expect(await whoIs(browser)).toBeUndefined()
    const wrong = await browser.submit(page, formTo(page, "/sign-in/code"), { code: "123456" })
    expect(wrong.status).toBe(401)
    const right = await browser.submit(wrong, formTo(wrong, "/sign-in/code"), { code: totp(factor.totpURI) })
    expect(right.url).toBe(`${server.url}/account`)
    expect(await whoIs(browser)).toMatchObject({ id: person.memberId })
  })

  test("who has no password has no second factor here: it is the provider's", async () => {
    const { browser } = await newcomer()
    const answer = await callFrom(browser, server.url, "POST", "/api/auth/two-factor/enable", {
      password: "some password",
    })
    expect(answer).toMatchObject({ status: 400, body: { code: "INVALID_REQUEST" } })
  })

  test("a return in another browser, with an unknown state, or a second time is refused", async () => {
    const { sub } = await newcomer()
    setup.provider.person = { ...setup.provider.person, accountId: sub }
    const begin = () => `${server.url}/sign-in/oidc?next=/account`
    const victim = new TestBrowser()
    await victim.open(`${server.url}/sign-in`)
    const attacker = new TestBrowser()
    const back = await upToReturn(attacker, server, begin())
    const elsewhere = await victim.open(back.href)
    expect([elsewhere.status, elsewhere.html]).toEqual([400, expect.stringContaining("another browser")])
    expect(await whoIs(victim)).toBeUndefined()
    // It is used up by that, for its own browser too.
    expect((await attacker.open(back.href)).status).toBe(400)
    const fresh = await upToReturn(attacker, server, begin())
    const unknown = new URL(fresh)
    unknown.searchParams.set("state", "A".repeat(43))
    expect((await attacker.open(unknown.href)).status).toBe(400)
    const twice = new URL(fresh)
    twice.searchParams.append("state", fresh.searchParams.get("state") ?? "")
    expect((await attacker.open(twice.href)).status).toBe(400)
    expect((await attacker.open(fresh.href)).status).toBe(200)
    expect(await whoIs(attacker)).toBeDefined()
  })

  test("a return that took longer than ten minutes is refused", async () => {
    const { sub } = await newcomer()
    setup.provider.person = { ...setup.provider.person, accountId: sub }
    const browser = new TestBrowser()
    const back = await upToReturn(browser, server, `${server.url}/sign-in/oidc`)
    await moveClock(server.url, 11 * 60_000)
    expect(await browser.open(back.href)).toMatchObject({
      status: 400,
      html: expect.stringContaining("is over"),
    })
  })

  test("who looks ahead begins nothing and uses nothing up", async () => {
    const { sub } = await newcomer()
    setup.provider.person = { ...setup.provider.person, accountId: sub }
    const browser = new TestBrowser()
    const back = await upToReturn(browser, server, `${server.url}/sign-in/oidc`)
    for (const init of [{ method: "HEAD" }, { headers: { "sec-purpose": "prefetch" } }])
      expect((await browser.request(back.href, init)).status).toBe(204)
    expect((await browser.open(back.href)).status).toBe(200)
  })

  test("the person's no is shown in the provider's words, on the page where to try again", async () => {
    const { sub } = newAccount(setup)
    setup.provider.person = { accountId: sub, decision: "deny" }
    const { browser, page } = await signInAs(setup, sub)
    expect([page.status, page.html]).toEqual([
      400,
      expect.stringContaining("Acme answered access_denied: Ada said no"),
    ])
    expect(page.html).toContain("Sign in with Acme")
    expect(await whoIs(browser)).toBeUndefined()
  })

  test("it never leads to another site", async () => {
    const { sub } = await newcomer()
    for (const next of ["https://evil.example/", "//evil.example", "/\\evil.example"]) {
      const { page } = await signInAs(setup, sub, { next })
      expect([next, new URL(page.url).origin]).toEqual([next, server.url])
    }
  })

  test("a device login is approved behind it", async () => {
    const { sub } = await newcomer()
    const begun = await call<{ user_code: string }>(server.url, "POST", "/oauth/device/code", {
      as: null,
      body: { client_id: "grantry_cli" },
    })
    const { browser, page } = await signInAs(setup, sub, {
      next: `/device?user_code=${begun.body.user_code}`,
    })
    expect(page.url).toContain("/device?user_code=")
    expect((await answerDevice(browser, server.url, begun.body.user_code)).html).toContain("is signed in")
  })

  test("linking and unlinking are on record", async () => {
    const { person } = await linked()
    await callFrom(person.browser, server.url, "POST", "/api/auth/oidc/unlink")
    const list = await callFrom<{ workspaces: { id: string }[] }>(
      person.browser,
      server.url,
      "GET",
      "/api/workspace/workspaces",
    )
    const path = `/api/workspace/${list.body.workspaces[0]?.id}/audit-events`
    await expect
      .poll(
        async () =>
          (
            await callFrom<{ audit_events: { action: string }[] }>(person.browser, server.url, "GET", path)
          ).body.audit_events.map(({ action }) => action),
        { timeout: 20_000 },
      )
      .toEqual(expect.arrayContaining(["member.link_sign_in", "member.unlink_sign_in"]))
  })
})

describe.each(databases)("where the operator trusts the provider's addresses, on %s", (database) => {
  let setup: SignInSetup
  let server: TestServer
  beforeAll(async () => {
    setup = await startSignInSetup(database, { GRANTRY_OIDC_TRUST_EMAIL: "on", GRANTRY_OIDC_SIGN_UP: "open" })
    server = setup.server
  })
  afterAll(() => setup.close())

  const memberOf = async (browser: TestBrowser) =>
    (await callFrom<{ user: { id: string } } | null>(browser, server.url, "GET", "/api/auth/get-session"))
      .body?.user.id
  const someone = async () => join(server.url, await firstWorkspace(server.url), "viewer")

  test("a verified address opens its member's account, and whoever was in it with a password is out", async () => {
    const person = await someone()
    const { sub } = newAccount(setup, { email: person.email.toUpperCase() })
    const { browser } = await signInAs(setup, sub)
    expect(await memberOf(browser)).toBe(person.memberId)
    expect((await callFrom(person.browser, server.url, "GET", "/api/apps")).status).toBe(401)
    const password = await call(server.url, "POST", "/api/auth/sign-in/email", {
      as: null,
      body: { email: person.email, password: ownerPassword },
    })
    expect(password.status).toBe(401)
  })

  test("one that is not verified, or not said to be, opens nobody's", async () => {
    for (const account of [{ email_verified: false }, {}]) {
      const person = await someone()
      const { sub } = newAccount(setup, { email: person.email })
      setup.provider.accounts.set(sub, { email: person.email, ...account })
      const { browser, page } = await signInAs(setup, sub)
      expect(page.status).toBe(403)
      expect(await memberOf(browser)).toBeUndefined()
    }
  })

  test("nobody comes around a second factor, or around an account that is linked already", async () => {
    const secured = await someone()
    await earlyInStep()
    await turnOn(secured.browser, server.url)
    expect((await signInAs(setup, newAccount(setup, { email: secured.email }).sub)).page.status).toBe(403)
    const { email, sub } = newAccount(setup)
    expect((await signInAs(setup, sub)).page.status).toBe(200)
    expect((await signInAs(setup, newAccount(setup, { email }).sub)).page.status).toBe(403)
  })

  test("a new member needs no invitation, and no word on verification where the provider never says one", async () => {
    const { email, sub } = newAccount(setup)
    setup.provider.accounts.set(sub, { email })
    const { browser, page } = await signInAs(setup, sub)
    expect(page.status).toBe(200)
    expect(await memberOf(browser)).toMatch(/^mem_/)
  })
})

test("without the setting there is no button and nothing behind its addresses", async () => {
  const server = await startWithOwner({ database: "sqlite" })
  try {
    const browser = new TestBrowser()
    expect((await browser.open(`${server.url}/sign-in`)).html).not.toContain("/sign-in/oidc")
    for (const path of ["/sign-in/oidc", "/sign-in/oidc/callback?code=x&state=y"])
      expect((await browser.open(server.url + path)).status).toBe(404)
  } finally {
    await server.destroy()
  }
})

/** So that it asks again who is there. */
function forgetProvider({ browser }: Person): void {
  for (const name of browser.cookies.keys()) if (name.startsWith("_")) browser.cookies.delete(name)
}
