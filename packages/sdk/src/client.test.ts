import { inspect } from "node:util"
import { describe, expect, test } from "vitest"
import { createClient, type ClientConfig } from "@grantry/sdk"

const good: ClientConfig = { serverUrl: "https://grantry.example.com", appId: "app_1" }
const create = (config: object): unknown => createClient({ ...good, ...config })

describe("createClient", () => {
  test.each(["https://g.example///", "https://g.example/", "https://g.example"])(
    "takes %s as it was meant",
    (serverUrl) => {
      expect(createClient({ ...good, serverUrl }).getConfig()).toEqual({
        serverUrl: "https://g.example",
        appId: "app_1",
      })
    },
  )

  test.each([
    undefined,
    "",
    "grantry.example.com",
    "/api",
    "ftp://g.example",
    "https://",
    "https://g.example/?a=1",
    "https://g.example/#a",
    " https://g.example",
    "https://user:canary-password@g.example",
  ])("refuses %s as serverUrl, without repeating it", (serverUrl) => {
    expect(() => create({ serverUrl })).toThrow(/^createClient needs serverUrl/)
    expect(() => create({ serverUrl })).not.toThrow(/canary/)
  })

  test.each([undefined, "", 7])("refuses %s as appId", (appId) => {
    expect(() => create({ appId })).toThrow(/^createClient needs appId/)
  })

  test.each([0, -1, 0.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 31, "soon"])(
    "refuses %s as timeoutMs",
    (timeoutMs) => {
      expect(() => create({ timeoutMs })).toThrow(/^timeoutMs must be/)
    },
  )

  test("refuses tokens that no header can carry, without repeating them", () => {
    for (const value of ["canary\ntoken", "canary token", "canary\u00e9", 7]) {
      for (const name of ["token", "serviceToken"]) {
        expect(() => create({ [name]: value })).toThrow(new RegExp(`^${name} must be`))
        expect(() => create({ [name]: value })).not.toThrow(/canary/)
      }
    }
    const client = createClient(good)
    expect(() => client.setToken("canary\ntoken")).toThrow(/^token must be (?!.*canary)/)
  })

  test("refuses headers that HTTP does not allow, without repeating them", () => {
    for (const headers of [{ "a b": "canary" }, { a: "canary\nline" }]) {
      expect(() => create({ headers })).toThrow(/^headers holds/)
      expect(() => create({ headers })).not.toThrow(/canary/)
    }
  })

  test("shows no token when it is printed", () => {
    const client = createClient({ ...good, serviceToken: "canary-service", token: "canary-user" })
    const printed = inspect(client, { depth: 9, getters: true, showHidden: true }) + JSON.stringify(client)
    expect(printed).not.toContain("canary")
  })
})

describe("asServiceRole", () => {
  test.each([undefined, null, ""])("throws when the service token is %s", (serviceToken) => {
    const client = createClient({ ...good, serviceToken })
    expect(() => client.asServiceRole).toThrow(/^Service token is required to use asServiceRole\./)
  })

  test("is the same object every time", () => {
    const client = createClient({ ...good, serviceToken: "service" })
    expect(client.asServiceRole).toBe(client.asServiceRole)
  })
})
