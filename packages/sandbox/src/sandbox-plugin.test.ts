import { builtInDefinitions } from "@grantry/catalog"
import Fastify from "fastify"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { authorization, basic, bearer, inBody, redirectUri, startDriver } from "../test-support/driver.ts"
import type { Driver } from "../test-support/driver.ts"
import { createSandboxClock } from "./sandbox-clock.ts"
import { sandboxPlugin } from "./sandbox-plugin.ts"

const googleAuthorize = "https://accounts.google.com/o/oauth2/v2/auth"
const googleToken = "https://oauth2.googleapis.com/token"
const asked = { response_type: "code", scope: "openid email" }

let driver: Driver
beforeAll(async () => {
  driver = await startDriver({ maxRequestsKept: 5 })
})
afterAll(() => driver.close())

const raw = (path: string, init: RequestInit = {}) =>
  fetch(`${driver.origin}${path}`, { redirect: "manual", ...init })

describe("the plugin", () => {
  it("changes nothing on the instance that it is registered on", async () => {
    const app = Fastify()
    await app.register(sandboxPlugin({ catalog: builtInDefinitions, clock: createSandboxClock() }))
    app.post("/echo", async (request) => request.body)
    app.setErrorHandler((_error, _request, reply) => reply.status(418).send({ own: true }))
    const json = await app.inject({ method: "POST", url: "/echo", payload: { a: 1 } })
    expect(json.json()).toEqual({ a: 1 })
    const text = await app.inject({
      method: "POST",
      url: "/echo",
      payload: "a=1",
      headers: { "content-type": "text/x-own" },
    })
    expect(text.statusCode).toBe(418)
    expect((await app.inject("/sandbox")).statusCode).toBe(200)
    await app.close()
  })

  it("tells what exists where a provider has no such address", async () => {
    const answer = await raw("/sandbox/gmail/oauth2.googleapis.com/nothing")
    expect(answer.status).toBe(404)
    expect(await answer.text()).toContain("https://oauth2.googleapis.com/token")
    expect((await raw("/sandbox/gmail/evil.example/token")).status).toBe(404)
    expect(await (await raw("/sandbox/nothing/x/y")).text()).toContain("googlecalendar")
  })

  it("refuses to be read past its memory: only the newest requests are kept, all are counted", async () => {
    for (let turn = 0; turn < 12; turn++)
      await driver.call("slack", "https://slack.com/api/chat.postMessage", { method: "POST" })
    const { json } = await driver.control("requests?type=slack")
    expect(json["requests"]).toHaveLength(5)
    expect(json["counts"]).toMatchObject({ api: 12 })
  })
})

describe("the consent page", () => {
  const open = async (params: Record<string, string>) =>
    fetch(authorization(driver.at("gmail", googleAuthorize), "gmail", { ...asked, ...params }), {
      redirect: "manual",
    })

  it("has one form per choice, three accounts, a ticked box per scope, and no script", async () => {
    const page = await open({})
    const text = await page.text()
    expect(text.match(/<form /g)).toHaveLength(2)
    expect(text.match(/type="radio"/g)).toHaveLength(3)
    expect(text.match(/type="checkbox"[^>]* checked/g)).toHaveLength(2)
    expect(text).toContain("sandbox-gmail wants to use your Gmail account")
    expect(text).not.toContain("<script")
    const policy = page.headers.get("content-security-policy")
    expect(policy).toContain("default-src 'none'")
    // form-action would be applied to the redirect to the client as well.
    expect(policy).not.toContain("form-action")
  })

  it("chooses the account that login_hint names", async () => {
    const text = await (await open({ login_hint: "alan@example.com" })).text()
    expect(text).toMatch(/value="alan@example\.com" checked/)
    expect(text).not.toMatch(/value="ada@example\.com" checked/)
  })

  it("keeps what it was sent from becoming markup", async () => {
    const text = await (await open({ client_id: `"><script>alert(1)</script>` })).text()
    expect(text).not.toContain("<script>")
    expect(text).toContain("&lt;script&gt;")
  })

  it("counts consent without a single permission as a denial", async () => {
    const without = ["openid", "https://www.googleapis.com/auth/userinfo.email"]
    const url = await driver.callback("gmail", googleAuthorize, asked, { decision: "approve", without })
    expect(url.searchParams.get("error")).toBe("access_denied")
  })

  it("does not grant a scope that the request did not ask for", async () => {
    const url = authorization(driver.at("gmail", googleAuthorize), "gmail", asked)
    const body = new URLSearchParams({ decision: "approve", account: "ada@example.com" })
    body.append("scope", "openid")
    body.append("scope", "https://mail.google.com/")
    const answer = await fetch(url, { method: "POST", body, redirect: "manual" })
    const callback = new URL(answer.headers.get("location") ?? "")
    expect(callback.searchParams.get("scope")).toBe("openid")
  })

  it.each([
    "javascript:alert(1)",
    "/relative",
    "https://user@app.example/",
    "https://app.example/#part",
    "data:text/html,x",
  ])("never redirects to %s", async (redirect) => {
    const page = await open({ redirect_uri: redirect })
    expect([page.status, page.headers.get("location")]).toEqual([400, null])
  })

  it("keeps the query of the redirect URI", async () => {
    const given = await driver.callback("gmail", googleAuthorize, {
      ...asked,
      redirect_uri: "https://app.example/cb?tenant=1",
    })
    expect(given.searchParams.get("tenant")).toBe("1")
    expect(given.searchParams.get("code")).not.toBeNull()
  })
})

describe("hostile requests", () => {
  it("refuses repeated parameters everywhere", async () => {
    const url = authorization(driver.at("gmail", googleAuthorize), "gmail", asked)
    url.searchParams.append("scope", "openid")
    expect((await fetch(url, { redirect: "manual" })).status).toBe(400)
    const body = new URLSearchParams({ grant_type: "authorization_code", code: "x", ...inBody("gmail") })
    body.append("code", "y")
    const answer = await driver.call("gmail", googleToken, { method: "POST", body })
    expect([answer.status, answer.json["error"]]).toEqual([400, "invalid_request"])
  })

  it("refuses a body that is too large, in JSON", async () => {
    const answer = await driver.call("gmail", googleToken, {
      method: "POST",
      body: new URLSearchParams({ code: "x".repeat(100_000) }),
    })
    expect(answer.status).toBe(413)
    expect(answer.json["code"]).toBe("INVALID_REQUEST")
  })

  it.each(["__proto__", "constructor", "toString", "hasOwnProperty"])(
    "treats %s as any other name",
    async (name) => {
      const fields = { [name]: "x", grant_type: name, code: name, client_id: name, client_secret: name }
      expect((await driver.post("gmail", googleToken, fields)).status).toBeLessThan(500)
      const json = `{"${name}":{"x":1},"grant_type":"${name}"}`
      const headers = { "content-type": "application/json", ...basic("notion") }
      expect(
        (
          await driver.call("notion", "https://api.notion.com/v1/oauth/token", {
            method: "POST",
            body: json,
            headers,
          })
        ).status,
      ).toBe(400)
      expect((await driver.control("faults", { type: name, fault: name })).status).toBe(400)
      expect((await raw(`/sandbox/${name}/x/y`)).status).toBe(404)
      expect(
        (await driver.call("gmail", "https://gmail.googleapis.com/gmail/v1/x", { headers: bearer(name) }))
          .status,
      ).toBe(401)
    },
  )

  it.each([
    "/sandbox/gmail",
    "/sandbox/gmail/",
    "/sandbox/gmail/%",
    "/sandbox/%E0%A4%A/x/y",
    "/sandbox/gmail/a%00b/x",
    "/sandbox/gmail/[/x",
    "/sandbox/salesforce/%25%25/services/oauth2/token",
    "/sandbox/gmail/../../etc/passwd",
    "/sandbox/_control",
    "/sandbox//",
  ])("answers %s without failing", async (path) => {
    expect((await raw(path)).status).toBeLessThan(500)
    expect(
      (await raw(path, { method: "POST", body: "x", headers: { "content-type": "x" } })).status,
    ).toBeLessThan(500)
  })

  it.each(["Basic", "Basic !!!", "Basic Og==", "Basic OjpkZg==", "Basic JTp4", "Bearer", "Digest x"])(
    "answers the header Authorization: %s without failing",
    async (authorization) => {
      const headers = { authorization, "content-type": "application/json" }
      const body = JSON.stringify({ grant_type: "refresh_token", refresh_token: "x" })
      const answer = await driver.call("notion", "https://api.notion.com/v1/oauth/token", {
        method: "POST",
        headers,
        body,
      })
      expect([answer.status, answer.json["error"]]).toEqual([401, "invalid_client"])
    },
  )

  it.each(["null", "[]", "1", '"x"', "{", "", '{"grant_type":7}'])(
    "refuses the JSON body %s",
    async (body) => {
      const headers = { ...basic("notion"), "content-type": "application/json" }
      const answer = await driver.call("notion", "https://api.notion.com/v1/oauth/token", {
        method: "POST",
        headers,
        body,
      })
      expect([answer.status, answer.json["error"]]).toEqual([400, "invalid_request"])
    },
  )

  it("takes a token request by POST alone", async () => {
    const query = new URLSearchParams({
      grant_type: "authorization_code",
      code: "x",
      redirect_uri: redirectUri,
      ...inBody("gmail"),
    })
    expect((await driver.call("gmail", `${googleToken}?${query.toString()}`)).status).toBe(405)
  })
})
