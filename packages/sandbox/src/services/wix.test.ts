import { createHmac } from "node:crypto"
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest"
import { bearer, inBody, redirectUri, startDriver } from "../../test-support/driver.ts"
import type { Driver } from "../../test-support/driver.ts"

const type = "wix"
const installer = "https://www.wix.com/app-installer"
const tokenUrl = "https://www.wixapis.com/oauth2/token"
const asked = {
  appId: inBody(type).client_id,
  postInstallationUrl: `${redirectUri}?state=xyz`,
  client_id: "",
  redirect_uri: "",
}

let driver: Driver
beforeAll(async () => {
  driver = await startDriver()
})
beforeEach(() => driver.control("reset", {}))
afterAll(() => driver.close())

const send = (value: Record<string, unknown>) =>
  driver.call(type, tokenUrl, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(value),
  })

const instance = async (account?: string): Promise<string> => {
  const choice = account === undefined ? {} : { account }
  const callback = await driver.callback(type, installer, asked, { decision: "approve", ...choice })
  return callback.searchParams.get("instanceId") ?? ""
}

const mint = (instanceId: string, more: Record<string, unknown> = {}) =>
  send({ grant_type: "client_credentials", ...inBody(type), instance_id: instanceId, ...more })

describe("Wix", () => {
  it("sends back an installation and the state, and no code", async () => {
    const callback = await driver.callback(type, installer, asked)
    expect([...callback.searchParams.keys()].sort()).toEqual([
      "appId",
      "instanceId",
      "signedInstance",
      "state",
      "tenantId",
    ])
    expect(callback.searchParams.get("state")).toBe("xyz")
  })

  it("signs the installation with the app's secret", async () => {
    const { searchParams } = await driver.callback(type, installer, asked)
    const [signature = "", payload = ""] = (searchParams.get("signedInstance") ?? "").split(".")
    const expected = createHmac("sha256", inBody(type).client_secret).update(payload).digest("base64url")
    expect(signature).toBe(expected)
    expect(JSON.parse(Buffer.from(payload, "base64url").toString())).toEqual({
      instanceId: searchParams.get("instanceId"),
    })
  })

  it("knows the app by appId and postInstallationUrl alone", async () => {
    const oauth = { client_id: inBody(type).client_id, redirect_uri: redirectUri }
    await expect(driver.callback(type, installer, oauth)).rejects.toThrow("no consent page")
  })

  it("mints tokens for one installation as often as it is asked", async () => {
    const id = await instance()
    const [one, two] = [await mint(id), await mint(id)]
    expect(one.json).toEqual({
      access_token: expect.stringMatching(/^OauthNG\.JWS\./),
      token_type: "Bearer",
      expires_in: 14_400,
    })
    expect(two.json["access_token"]).not.toBe(one.json["access_token"])
    driver.clock.advance(365 * 86_400_000)
    expect((await mint(id)).status).toBe(200)
  })

  it("keeps the id of a site's installation, and gives another site another", async () => {
    expect(await instance()).toBe(await instance())
    expect(await instance("alan@example.com")).not.toBe(await instance())
  })

  it("names the site by the token", async () => {
    const id = await instance("alan@example.com")
    const token = (await mint(id)).json["access_token"]
    const named = await driver.call(type, "https://www.wixapis.com/apps/v1/instance", {
      headers: bearer(token),
    })
    expect(named.json).toMatchObject({
      instance: { instanceId: id },
      site: { siteDisplayName: "Alan's Site" },
    })
  })

  it("takes JSON and client credentials, and neither forms nor codes nor refresh tokens", async () => {
    const id = await instance()
    const fields = { grant_type: "client_credentials", ...inBody(type), instance_id: id }
    expect((await driver.post(type, tokenUrl, fields)).status).toBe(400)
    expect((await mint(id, { grant_type: "authorization_code", code: id })).status).toBe(400)
    expect((await mint(id, { grant_type: "refresh_token", refresh_token: id })).status).toBe(400)
  })

  it("says a message and details: 401 for the wrong secret, 400 for an unknown installation", async () => {
    const id = await instance()
    expect(await mint(id, { client_secret: "wrong" })).toMatchObject({ status: 401, json: { details: {} } })
    expect(await mint("00000000-0000-4000-8000-000000000000")).toMatchObject({
      status: 400,
      json: { details: {} },
    })
    expect(await mint("")).toMatchObject({ status: 400 })
  })

  it("mints nothing for an installation of another app", async () => {
    await driver.control("client", { type, client_id: "other-app", client_secret: "other-secret" })
    const id = await instance()
    expect((await mint(id, { client_id: "other-app", client_secret: "other-secret" })).status).toBe(400)
  })
})
