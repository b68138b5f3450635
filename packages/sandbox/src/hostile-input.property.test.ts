/** Whatever is sent to an emulated provider, and to the sandbox's own controls: an answer, and never one of 500. */
import { builtInDefinitions } from "@grantry/catalog"
import fc from "fast-check"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { authorization, basic, type Driver, inBody, startDriver } from "../test-support/driver.ts"

const runs = { numRuns: 400 }
const types = builtInDefinitions.map(({ type }) => type)
const text = fc.oneof(
  fc.string({ unit: "binary", maxLength: 40 }),
  fc.string({ unit: "grapheme", maxLength: 40 }),
  fc.constantFrom(
    "",
    "\u0000",
    "__proto__",
    "constructor",
    "authorization_code",
    "refresh_token",
    "S256",
    "x".repeat(3_000),
  ),
)
const names = fc.oneof(
  fc.constantFrom(
    "grant_type",
    "code",
    "refresh_token",
    "client_id",
    "client_secret",
    "redirect_uri",
    "state",
    "scope",
    "response_type",
    "code_challenge",
    "code_challenge_method",
    "code_verifier",
    "token",
    "account",
    "__proto__",
  ),
  text,
)
const fields = fc.array(fc.tuple(names, text), { maxLength: 6 })
const formats = fc.constantFrom(
  "application/x-www-form-urlencoded",
  "application/json",
  "text/plain",
  "multipart/form-data",
  "",
)

let driver: Driver

beforeAll(async () => {
  driver = await startDriver()
})
afterAll(() => driver.close())

/** The entry's own addresses, with a value in the place of each template. */
function addressesOf(type: string): readonly string[] {
  const entry = builtInDefinitions.find((one) => one.type === type)
  if (!entry) return []
  const { authorize, identity, revocation, token } = entry
  const known = new Map(entry.config.asked.map((field) => [field.name, field.default ?? field.placeholder]))
  return [authorize.url, token.url, revocation?.url, identity?.request?.url]
    .filter((url) => url !== undefined && url !== null)
    .map((url) => url.replaceAll(/\{(\w+)\}/g, (_, name: string) => known.get(name) ?? "x"))
    .filter((url) => URL.canParse(url))
}

const address = fc.tuple(fc.constantFrom(...types), fc.nat()).map(([type, index]) => ({
  type,
  url: addressesOf(type).at(index % Math.max(1, addressesOf(type).length)) ?? "https://x.example/",
}))

describe("hostile input", () => {
  it("never fails an address of any provider, by query, form, JSON or neither", async () => {
    await fc.assert(
      fc.asyncProperty(
        address,
        fields,
        formats,
        fc.boolean(),
        fc.nat(2),
        async ({ type, url }, all, format, isPost, known) => {
          const params = new URLSearchParams(all.map(([name, value]) => [name, value]))
          for (const [name, value] of Object.entries(known === 1 ? inBody(type) : {})) params.set(name, value)
          const body = format.includes("json")
            ? JSON.stringify(Object.fromEntries(params))
            : params.toString()
          const headers = {
            ...(format !== "" && { "content-type": format }),
            ...(known === 2 && basic(type)),
          }
          const target = new URL(url)
          if (!isPost) for (const [name, value] of params) target.searchParams.append(name, value)
          const { status } = await driver.call(
            type,
            target.href,
            isPost ? { method: "POST", headers, body } : { headers },
          )
          expect([type, url, status, status < 500]).toEqual([type, url, status, true])
        },
      ),
      runs,
    )
  })

  it("never fails a consent page, whatever an authorization request names", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...types),
        fc.dictionary(names, text, { maxKeys: 5 }),
        async (type, params) => {
          const [url = "https://x.example/"] = addressesOf(type)
          const { status } = await driver.call(type, authorization(new URL(url), type, params).href)
          expect([type, status, status < 500]).toEqual([type, status, true])
        },
      ),
      runs,
    )
  })

  it("never fails a control, whatever JSON it is given", async () => {
    const control = fc.constantFrom("clock", "faults", "client", "reset", "accounts", "revoke", "nothing")
    const body = fc.oneof(
      fc.json().map((one): unknown => JSON.parse(one)),
      fc.dictionary(
        fc.constantFrom("type", "fault", "times", "advance_ms", "client_id", "settings", "endpoint"),
        fc.jsonValue(),
      ),
    )
    await fc.assert(
      fc.asyncProperty(control, body, async (path, value) => {
        const { status } = await driver.control(path, value)
        expect([path, value, status < 500]).toEqual([path, value, true])
      }),
      runs,
    )
  })

  it("answers what is right as ever", async () => {
    const url = authorization(driver.at("gmail", "https://accounts.google.com/o/oauth2/v2/auth"), "gmail", {
      response_type: "code",
      scope: "openid",
    })
    expect((await fetch(url, { redirect: "manual" })).status).toBe(200)
  })
})
