/** How the built dashboard is served: which addresses are its own, how long what is kept, and what it may do. */
import { afterAll, beforeAll, expect, test } from "vitest"
import { call, type Answer } from "../harness/api.ts"
import { startTestServer, type TestServer } from "../harness/server.ts"

let server: TestServer
beforeAll(async () => {
  server = await startTestServer({ database: "sqlite" })
})
afterAll(() => server.destroy())

const get = (path: string, headers: Record<string, string> = {}) =>
  call<string>(server.url, "GET", path, { as: null, headers })

test.each(["/", "/apps/app_x/integrations", "/workspaces/ws_x", "/account", "/playground"])(
  "%s is the dashboard's page, never kept, with a policy that allows no inline script and no other origin",
  async (path) => {
    const { body, headers, status } = await get(path)
    expect(status).toBe(200)
    expect(headers.get("cache-control")).toBe("no-store")
    const policy = headers.get("content-security-policy") ?? ""
    expect(policy).toContain("default-src 'none'")
    expect(policy).not.toMatch(/unsafe|https?:|\*/)
    expect(headers.get("x-frame-options")).toBe("DENY")
    expect(body).not.toMatch(/<script(?![^>]*\bsrc=)/)
    expect(body).not.toMatch(/(?:src|href)="https?:/)
  },
)

test("each answer has a nonce of its own, in the policy and in the page", async () => {
  const [first, second] = [await get("/"), await get("/")]
  expect(nonceOf(first)).toMatch(/^[\w-]{43}$/)
  expect(nonceOf(first)).not.toBe(nonceOf(second))
  if (isBuilt(first)) expect(first.body).toContain(`nonce="${nonceOf(first)}"`)
})

test("hashed files are kept for a year and come compressed; what the page names is there", async () => {
  const page = await get("/")
  if (!isBuilt(page)) return
  for (const path of page.body.match(/\/assets\/[\w.-]+/g) ?? []) {
    const { headers, status } = await get(path, { "accept-encoding": "gzip" })
    expect([path, status]).toEqual([path, 200])
    expect(headers.get("cache-control")).toBe("public, max-age=31536000, immutable")
    expect(headers.get("content-encoding")).toBe("gzip")
    expect(headers.get("x-content-type-options")).toBe("nosniff")
  }
})

test.each([
  "/assets/..%2findex.html",
  "/assets/%2e%2e%2fpackage.json",
  "/assets/none.js",
  "/assets/index.html",
])("%s is no file", async (path) => {
  expect((await get(path)).status).toBe(404)
})

test.each([
  "/api/none",
  "/connect",
  "/oauth/none",
  "/errors",
  "/sandbox/none",
  "/start",
  "/none",
  "/healthz/x",
])("%s is not the dashboard's: it answers that nothing is there", async (path) => {
  const { headers, status } = await get(path)
  expect(status).toBe(404)
  expect(headers.get("content-type")).not.toContain("text/html")
})

function nonceOf({ headers }: Answer<string>): string {
  return /'nonce-([^']+)'/.exec(headers.get("content-security-policy") ?? "")?.[1] ?? ""
}

/** In a checkout where nobody has built it, the page says how. */
function isBuilt({ body }: Answer<string>): boolean {
  return body.includes('<div id="root">')
}
