import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest"
import {
  basic,
  bearer,
  challenge,
  inBody,
  redirectUri,
  startDriver,
  verifier,
} from "../../test-support/driver.ts"
import type { Driver } from "../../test-support/driver.ts"

const type = "github"
const authorizeUrl = "https://github.com/login/oauth/authorize"
const tokenUrl = "https://github.com/login/oauth/access_token"
const userUrl = "https://api.github.com/user"
const json = { accept: "application/json" }

let driver: Driver
beforeAll(async () => {
  driver = await startDriver()
})
beforeEach(() => driver.control("reset", {}))
afterAll(() => driver.close())

async function exchange(
  params: Record<string, string> = { scope: "repo gist" },
  headers: Record<string, string> = json,
) {
  const code = await driver.code(type, authorizeUrl, params)
  return driver.post(type, tokenUrl, { code, redirect_uri: redirectUri, ...inBody(type) }, headers)
}

const refresh = (token: unknown) =>
  driver.post(
    type,
    tokenUrl,
    { grant_type: "refresh_token", refresh_token: String(token), ...inBody(type) },
    json,
  )

async function revoke(what: "token" | "grant", token: unknown) {
  const url = `https://api.github.com/applications/sandbox-github/${what}`
  const headers = { ...basic(type), "content-type": "application/json" }
  return driver.call(type, url, { method: "DELETE", headers, body: JSON.stringify({ access_token: token }) })
}

const whoAmI = (token: unknown) => driver.call(type, userUrl, { headers: bearer(token) })

describe("GitHub", () => {
  it("answers form-encoded unless JSON is accepted, with scopes joined by commas", async () => {
    const plain = await exchange({ scope: "repo gist" }, {})
    expect(plain.headers.get("content-type")).toContain("application/x-www-form-urlencoded")
    expect(new URLSearchParams(plain.text).get("scope")).toBe("repo,gist")
    expect((await exchange()).json).toMatchObject({ token_type: "bearer", scope: "repo,gist" })
  })

  it("leaves out scopes that a wider one contains", async () => {
    expect((await exchange({ scope: "repo public_repo read:org" })).json["scope"]).toBe("repo,read:org")
  })

  it("gives an OAuth App a token that does not expire and no refresh token", async () => {
    const answer = (await exchange()).json
    expect(Object.keys(answer).toSorted()).toEqual(["access_token", "scope", "token_type"])
    driver.clock.advance(300 * 24 * 3600 * 1000)
    expect((await whoAmI(answer["access_token"])).json).toMatchObject({ login: "ada", id: 1_000_001 })
  })

  it("gives a GitHub App expiring tokens, and a refresh ends the old pair at once", async () => {
    await driver.control("client", { type, settings: { expiring_tokens: true } })
    const first = (await exchange()).json
    expect(first).toMatchObject({ expires_in: 28_800, refresh_token_expires_in: 15_897_600, scope: "" })
    const second = (await refresh(first["refresh_token"])).json
    expect(second["access_token"]).toMatch(/^ghu_/)
    expect((await whoAmI(first["access_token"])).status).toBe(401)
    expect((await whoAmI(second["access_token"])).status).toBe(200)
    expect((await refresh(first["refresh_token"])).json["error"]).toBe("bad_refresh_token")
  })

  it("tells every failure of the token endpoint at status 200", async () => {
    const code = await driver.code(type, authorizeUrl, {})
    const right = { code, redirect_uri: redirectUri, ...inBody(type) }
    const wrong = [
      await driver.post(type, tokenUrl, { ...right, client_secret: "nope" }, json),
      await driver.post(type, tokenUrl, { ...right, redirect_uri: "https://other.example/" }, json),
      await driver.post(type, tokenUrl, { ...right, code: "garbled" }, json),
      await driver.post(type, tokenUrl, { code, redirect_uri: redirectUri }, { ...json, ...basic(type) }),
    ]
    expect(wrong.map(({ status, json: { error } }) => [status, error])).toEqual([
      [200, "incorrect_client_credentials"],
      [200, "redirect_uri_mismatch"],
      [200, "bad_verification_code"],
      [200, "incorrect_client_credentials"],
    ])
    expect((await driver.post(type, tokenUrl, right, json)).json).toHaveProperty("access_token")
    expect((await driver.post(type, tokenUrl, right, json)).json["error"]).toBe("bad_verification_code")
  })

  it("takes S256 alone", async () => {
    const denied = driver.code(type, authorizeUrl, {
      code_challenge: challenge,
      code_challenge_method: "plain",
    })
    await expect(denied).rejects.toThrow("no consent page")
    const code = await driver.code(type, authorizeUrl, {
      code_challenge: challenge,
      code_challenge_method: "S256",
    })
    const fields = { code, redirect_uri: redirectUri, code_verifier: verifier, ...inBody(type) }
    expect((await driver.post(type, tokenUrl, fields, json)).json).toHaveProperty("access_token")
  })

  it("revokes one token, or with the other address the whole grant", async () => {
    const [one, other, third] = [await exchange(), await exchange(), await exchange()].map(
      (answer) => answer.json["access_token"],
    )
    expect((await revoke("token", one)).status).toBe(204)
    expect((await revoke("token", one)).status).toBe(404)
    expect((await whoAmI(other)).status).toBe(200)
    expect((await revoke("grant", other)).status).toBe(204)
    expect((await whoAmI(third)).status).toBe(401)
  })

  it("turns away API requests without a User-Agent", async () => {
    const { access_token: token } = (await exchange()).json
    const { request } = await import("node:http")
    const status = await new Promise<number | undefined>((resolve, reject) => {
      const sent = request(driver.at(type, userUrl), { headers: bearer(token) }, (response) => {
        response.resume()
        resolve(response.statusCode)
      })
      sent.on("error", reject).end()
    })
    expect(status).toBe(403)
  })

  it("sends a denial to the callback with a description", async () => {
    const denied = await driver.callback(type, authorizeUrl, {}, { decision: "deny" })
    expect(denied.searchParams.get("error")).toBe("access_denied")
    expect(denied.searchParams.get("error_description")).toBe("The user has denied your application access.")
  })
})
