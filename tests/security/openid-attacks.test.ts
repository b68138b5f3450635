/** SECURITY.md lines 2, 4, 12 and 19, for members' sign-in: whatever the provider answers, only a good ID token counts. */
import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { inspectConfiguration } from "@grantry/server"
import { SignJWT } from "jose"
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from "vitest"
import { call } from "../harness/api.ts"
import { TestBrowser } from "../harness/browser.ts"
import { type IssuerKey, newIssuerKey, signToken, type TokenChange } from "../harness/issuer.ts"
import { callFrom, startWithOwner } from "../harness/members.ts"
import { type ScriptedOpenId, startScriptedOpenId } from "../harness/scripted-openid.ts"
import type { TestServer } from "../harness/server.ts"

vi.setConfig({ testTimeout: 60_000 })

const clientId = "grantry-members"
const clientSecret = "a secret that also would sign an HMAC"
const base64 = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url")

let server: TestServer
let provider: ScriptedOpenId
let key: IssuerKey

const start = (env: Readonly<Record<string, string>> = {}) =>
  startWithOwner({
    database: "sqlite",
    env: {
      GRANTRY_OIDC_ISSUER: provider.issuer,
      GRANTRY_OIDC_CLIENT_ID: clientId,
      GRANTRY_OIDC_CLIENT_SECRET: clientSecret,
      GRANTRY_OIDC_SIGN_UP: "open",
      ...env,
    },
  })

beforeAll(async () => {
  key = await newIssuerKey("one")
  provider = await startScriptedOpenId([key])
  server = await start()
})
afterAll(async () => {
  await server.destroy()
  await provider.close()
})
let count = 0
beforeEach(() => {
  count += 1
  provider.tokenAnswer = null
  provider.userInfo = {}
  provider.idToken = (nonce) => goodToken({}, nonce)
})

function goodToken({ claims, ...change }: TokenChange, nonce: string): Promise<string> {
  const own = {
    iss: provider.issuer,
    aud: clientId,
    sub: `sub-${count}`,
    email: `new${count}@example.com`,
    email_verified: true,
    nonce,
  }
  return signToken(change.key ?? key, { ...change, claims: { ...own, ...claims } })
}

async function begin(at = server) {
  const browser = new TestBrowser()
  const asked = await browser.request(`${at.url}/sign-in/oidc`)
  const url = new URL(asked.headers.get("location") ?? "")
  provider.nonce = url.searchParams.get("nonce") ?? ""
  return { browser, state: url.searchParams.get("state") ?? "" }
}

async function comeBack(more: Readonly<Record<string, string>> = {}, at = server) {
  const { browser, state } = await begin(at)
  const query = new URLSearchParams({ code: "abc", state, ...more })
  const page = await browser.open(`${at.url}/sign-in/oidc/callback?${query.toString()}`)
  const session = await callFrom<unknown>(browser, at.url, "GET", "/api/auth/get-session")
  return { page, isSignedIn: session.body !== null }
}

test("a good token signs in, so that the refusals below mean something", async () => {
  expect(await comeBack()).toMatchObject({ page: { status: 200 }, isSignedIn: true })
})

const now = () => Math.floor(Date.now() / 1000)
const forged: readonly (readonly [string, (nonce: string) => Promise<string>])[] = [
  ["of another issuer", (nonce) => goodToken({ claims: { iss: "https://evil.example" } }, nonce)],
  ["for another client", (nonce) => goodToken({ claims: { aud: "somebody-else" } }, nonce)],
  [
    "for this client and another, sent to the other",
    (nonce) => goodToken({ claims: { aud: [clientId, "other"], azp: "other" } }, nonce),
  ],
  ["that is over", (nonce) => goodToken({ claims: { exp: now() - 3_600, iat: now() - 7_200 } }, nonce)],
  ["that never ends", (nonce) => goodToken({ claims: { exp: undefined } }, nonce)],
  ["without a subject", (nonce) => goodToken({ claims: { sub: undefined } }, nonce)],
  ["with the nonce of another sign-in", () => goodToken({}, "A".repeat(43))],
  ["without a nonce", (nonce) => goodToken({ claims: { nonce: undefined } }, nonce)],
  [
    "signed with a key that is not the provider's",
    async (nonce) => goodToken({ key: await newIssuerKey("one") }, nonce),
  ],
  [
    "that brings its own key along",
    async (nonce) => {
      const own = await newIssuerKey("mine")
      return goodToken({ key: own, header: { jwk: own.publicJwk } }, nonce)
    },
  ],
  [
    "that names an address of its key",
    (nonce) => goodToken({ header: { jku: `${provider.issuer}/evil` } }, nonce),
  ],
  [
    "with critical members that are not known",
    (nonce) =>
      goodToken({ header: { crit: ["https://example.com/x"], "https://example.com/x": true } }, nonce),
  ],
  [
    "without a signature",
    async (nonce) => {
      const payload = (await goodToken({}, nonce)).split(".")[1] ?? ""
      return `${base64({ alg: "none" })}.${payload}.`
    },
  ],
  [
    "signed with the client's secret",
    (nonce) => {
      const payload = { iss: provider.issuer, aud: clientId, sub: "x", nonce, exp: now() + 60, iat: now() }
      return new SignJWT(payload).setProtectedHeader({ alg: "HS256" }).sign(Buffer.from(clientSecret))
    },
  ],
  ["that is none", async () => "not.a.token"],
]

test.each(forged)("an ID token %s is refused", async (_name, idToken) => {
  provider.idToken = idToken
  const asked = provider.asked.length
  const { isSignedIn, page } = await comeBack()
  expect([page.status, isSignedIn]).toEqual([400, false])
  expect(page.html).toContain("Nobody was signed in")
  expect(provider.asked.slice(asked)).not.toContain("/evil")
})

test("an answer without an ID token, and one that is none, are refused", async () => {
  for (const answer of ['{"access_token":"at","token_type":"bearer"}', "<html>", "{}"]) {
    provider.tokenAnswer = (response) =>
      response.writeHead(200, { "content-type": "application/json" }).end(answer)
    expect(await comeBack()).toMatchObject({ page: { status: 400 }, isSignedIn: false })
  }
})

test("a token endpoint that redirects is not followed", async () => {
  provider.tokenAnswer = (response) => response.writeHead(307, { location: `${provider.issuer}/other` }).end()
  expect(await comeBack()).toMatchObject({ page: { status: 400 }, isSignedIn: false })
  expect(provider.asked).not.toContain("/other")
})

test("user info about somebody else is refused", async () => {
  provider.idToken = (nonce) => goodToken({ claims: { email: undefined, email_verified: undefined } }, nonce)
  provider.userInfo = { sub: "somebody else", email: "boss@example.com", email_verified: true }
  expect(await comeBack()).toMatchObject({ page: { status: 400 }, isSignedIn: false })
})

test("what the ID token says of an address does not vouch for one that stands elsewhere", async () => {
  provider.idToken = (nonce) => goodToken({ claims: { email: undefined, email_verified: true } }, nonce)
  provider.userInfo = { sub: `sub-${count}`, email: "boss@example.com" }
  expect(await comeBack()).toMatchObject({ page: { status: 403 }, isSignedIn: false })
})

test("a return that names another issuer is refused before any code is sent", async () => {
  const asked = provider.asked.length
  expect(await comeBack({ iss: "https://evil.example" })).toMatchObject({
    page: { status: 400 },
    isSignedIn: false,
  })
  expect(await comeBack({ response: "x" })).toMatchObject({ page: { status: 400 } })
  expect(provider.asked.slice(asked)).not.toContain("/token")
})

test("where the provider says that it names itself, a return without its name is refused", async () => {
  provider.metadata = { authorization_response_iss_parameter_supported: true }
  const strict = await start()
  try {
    expect(await comeBack({}, strict)).toMatchObject({ page: { status: 400 }, isSignedIn: false })
    expect(await comeBack({ iss: provider.issuer }, strict)).toMatchObject({ isSignedIn: true })
  } finally {
    provider.metadata = {}
    await strict.destroy()
  }
})

describe("a provider that cannot be believed or reached begins no sign-in", () => {
  async function firstAnswer(
    env: Readonly<Record<string, string>>,
    metadata: Readonly<Record<string, unknown>> = {},
  ) {
    provider.metadata = metadata
    const other = await start(env)
    try {
      const page = await new TestBrowser().request(`${other.url}/sign-in/oidc`)
      return { status: page.status, retryAfter: page.headers.get("retry-after"), logged: other.logged() }
    } finally {
      provider.metadata = {}
      await other.destroy()
    }
  }

  test("on a private address that the operator has not allowed", async () => {
    const asked = provider.asked.length
    const { logged, ...seen } = await firstAnswer({ GRANTRY_ALLOW_PRIVATE_NETWORK: "" })
    expect(seen).toEqual({ status: 503, retryAfter: "10" })
    expect(logged).toContain("127.0.0.1")
    expect(provider.asked).toHaveLength(asked)
  })

  test("with another name than the operator's, or without endpoints", async () => {
    for (const metadata of [
      { issuer: "https://evil.example" },
      { authorization_endpoint: "javascript:alert(1)" },
      { token_endpoint: undefined },
    ])
      expect((await firstAnswer({}, metadata)).status).toBe(503)
  })

  test("with its keys on an address that is not allowed", async () => {
    provider.metadata = { jwks_uri: "http://169.254.169.254/jwks" }
    const other = await start()
    try {
      expect(await comeBack({}, other)).toMatchObject({ page: { status: 503 }, isSignedIn: false })
    } finally {
      provider.metadata = {}
      await other.destroy()
    }
  })
})

test("grantry doctor says whether the provider can be asked, and what to register there", async () => {
  const dataDir = await mkdtemp(join(tmpdir(), "grantry-doctor-"))
  const env = {
    GRANTRY_DATA_DIR: dataDir,
    GRANTRY_OIDC_ISSUER: provider.issuer,
    GRANTRY_OIDC_CLIENT_ID: clientId,
    GRANTRY_OIDC_CLIENT_SECRET: clientSecret,
  }
  const about = async (more: Readonly<Record<string, string>> = {}) =>
    (await inspectConfiguration({ ...env, ...more })).find(({ check }) => check === "sign-in")
  try {
    expect(await about()).toMatchObject({
      status: "ok",
      detail: expect.stringContaining("http://localhost:4545/sign-in/oidc/callback"),
    })
    expect(await about({ GRANTRY_ALLOW_PRIVATE_NETWORK: "" })).toMatchObject({
      status: "failed",
      detail: expect.stringContaining("127.0.0.1"),
    })
  } finally {
    await rm(dataDir, { recursive: true })
  }
})

test("one address begins a hundred sign-ins in ten minutes", async () => {
  const own = await start()
  try {
    const begun = Array.from({ length: 105 }, () => call(own.url, "GET", "/sign-in/oidc", { as: null }))
    const statuses = (await Promise.all(begun)).map(({ status }) => status)
    expect(statuses.filter((status) => status === 429)).toHaveLength(5)
  } finally {
    await own.destroy()
  }
})
