/** SECURITY.md line 12: a token that is altered anywhere is nobody's, and no text makes the server fail. */
import fc from "fast-check"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { createApp, type TestApp } from "../harness/api.ts"
import { issuerAudience, type IssuerKey, issuerName, newIssuerKey, signToken } from "../harness/issuer.ts"
import { databases, startTestServer, type TestServer } from "../harness/server.ts"
import { mintToken, trust, whoAmI } from "../harness/user-tokens.ts"

const runs = { numRuns: 200 }
const base64url = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
const part = fc.string({ unit: fc.constantFrom(...base64url, "="), maxLength: 80 })
const headerValue = fc.oneof(
  fc.constantFrom<unknown>(
    "none",
    "None",
    "HS256",
    "ES256",
    "RS256",
    "EdDSA",
    "JWT",
    "key-1",
    "",
    null,
    true,
    0,
  ),
  fc.string({ maxLength: 20 }),
  fc.array(fc.string({ maxLength: 5 }), { maxLength: 2 }),
)
const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString("base64url")

describe.each(databases)("altered tokens of app users on %s", (database) => {
  let server: TestServer
  let app: TestApp
  let key: IssuerKey
  /** One of the app's own issuer, one of Grantry's. */
  let tokens: readonly string[]

  beforeAll(async () => {
    server = await startTestServer({ database, env: { GRANTRY_RATE_LIMITS: "refused=off" } })
    app = await createApp(server.url)
    key = await newIssuerKey("key-1")
    const jwks = { keys: [key.publicJwk] }
    await trust(server.url, app, { issuer: issuerName, audience: issuerAudience, jwks })
    tokens = [await signToken(key), await mintToken(server.url, app, "user-1")]
  })
  afterAll(() => server.destroy())

  const status = async (token: string): Promise<number> =>
    (await whoAmI(server.url, app.id, { bearer: token })).status
  const good = fc.nat(1).map((index) => tokens[index] ?? "")

  test("one character that is another one, anywhere", async () => {
    await fc.assert(
      fc.asyncProperty(
        good,
        fc.nat(),
        fc.constantFrom(...base64url, ".", "=", " "),
        async (token, place, other) => {
          const at = place % token.length
          fc.pre(token[at] !== other && !isSameBytes(token, at, other))
          expect(await status(token.slice(0, at) + other + token.slice(at + 1))).toBe(401)
        },
      ),
      runs,
    )
  })

  test("a part that is left out, doubled, exchanged or made up", async () => {
    await fc.assert(
      fc.asyncProperty(good, fc.array(fc.oneof(fc.nat(2), part), { maxLength: 5 }), async (token, plan) => {
        const parts = token.split(".")
        const made = plan.map((one) => (typeof one === "number" ? parts[one] : one)).join(".")
        fc.pre(made !== token)
        expect(await status(made)).toBe(401)
      }),
      runs,
    )
  })

  test("another header or other claims under the same signature", async () => {
    const members = fc.dictionary(
      fc.constantFrom(
        "alg",
        "kid",
        "typ",
        "jwk",
        "jku",
        "x5u",
        "x5c",
        "crit",
        "b64",
        "sub",
        "exp",
        "aud",
        "iss",
        "role",
      ),
      headerValue,
      { minKeys: 1, maxKeys: 4 },
    )
    await fc.assert(
      fc.asyncProperty(good, members, fc.boolean(), async (token, changes, isHeader) => {
        const [header = "", payload = "", signature = ""] = token.split(".")
        const before = JSON.parse(Buffer.from(isHeader ? header : payload, "base64url").toString()) as object
        const after = encode({ ...before, ...changes })
        const made = isHeader ? `${after}.${payload}.${signature}` : `${header}.${after}.${signature}`
        fc.pre(made !== token)
        expect(await status(made)).toBe(401)
      }),
      runs,
    )
  })

  test("as they are they are good, also after all of that", async () => {
    for (const token of tokens) expect(await status(token)).toBe(200)
  })

  test("any text that a header can hold", async () => {
    const text = fc.string({
      unit: fc.constantFrom(...base64url, ..." .,;:=\"'{}[]()<>@/?\\\t"),
      maxLength: 120,
    })
    await fc.assert(
      fc.asyncProperty(text, async (token) => {
        expect(await status(token)).toBe(401)
      }),
      runs,
    )
  })
})

/** The last character of a part holds bits that no byte needs (RFC 4648 section 3.5): the same bytes are the same token. */
function isSameBytes(token: string, at: number, other: string): boolean {
  const bytes = (text: string): string =>
    text
      .split(".")
      .map((one) => Buffer.from(one, "base64url").toString("hex"))
      .join(".")
  return bytes(token) === bytes(token.slice(0, at) + other + token.slice(at + 1))
}
