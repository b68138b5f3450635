/** SECURITY.md lines 5 and 20: no return address leads to a page that was not registered, no value to another host. */
import fc from "fast-check"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { createApp, type TestApp } from "../harness/api.ts"
import {
  allowOrigins,
  backOf,
  createConnector,
  createUser,
  initiateFor,
  type TestUser,
} from "../harness/app-users.ts"
import { TestBrowser } from "../harness/browser.ts"
import { consent } from "../harness/connect.ts"
import { databases, startTestServer, type TestServer } from "../harness/server.ts"
import { click } from "../authorization/steps.ts"

const origin = "https://app.example"
const pieces = fc.constantFrom(
  ..."/\\@:?#%.;, \t\r\n\u0000[]a-",
  origin,
  "https:",
  "//",
  "app.example",
  "evil.example",
  "%2f",
  "%2e",
  "%40",
  "\u3002",
  "\uff0f",
  "\u202e",
  "javascript:",
  "data:",
  "xn--",
  "user:secret@",
  ":443",
)
const address = fc.array(pieces, { maxLength: 7 }).map((parts) => parts.join(""))
const pages = fc
  .string({ unit: fc.constantFrom(..."abz09-._~/%41?&="), maxLength: 40 })
  .map((rest) => `${origin}/${rest}`)

describe.each(databases)("addresses on %s", (database) => {
  let server: TestServer
  let app: TestApp
  let user: TestUser
  let connector: string
  let salesforce: string

  beforeAll(async () => {
    server = await startTestServer({ database, env: { GRANTRY_RATE_LIMITS: "consents=off" } })
    app = await createApp(server.url)
    user = await createUser(server.url, app)
    await allowOrigins(server.url, app, [origin])
    connector = await createConnector(server.url, { integration_type: "googlecalendar" })
    salesforce = await createConnector(server.url, { integration_type: "salesforce" })
  })
  afterAll(() => server.destroy())

  const initiate = (body: Record<string, unknown>, to = connector) =>
    initiateFor(server.url, app, user, to, { body })

  test("a return_to that is taken is a page of the registered origin, as browsers read it", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(
          address,
          address.map((rest) => origin + rest),
        ),
        async (return_to) => {
          const { body, status } = await initiate({ return_to })
          if (status !== 200) {
            expect([status, body.code]).toEqual([400, "INVALID_REQUEST"])
            return
          }
          // Against the server's own address: a relative one would lead there.
          const read = new URL(return_to, server.url)
          expect([read.origin, read.username, read.password]).toEqual([origin, "", ""])
        },
      ),
      { numRuns: 250 },
    )
  })

  test("every page of the registered origin is taken, and led to", async () => {
    await fc.assert(
      fc.asyncProperty(pages, async (return_to) => {
        const begun = await initiate({ return_to })
        expect([return_to, begun.status]).toEqual([return_to, 200])
        const back = backOf(await consent(begun.body.redirect_url))
        expect([back?.origin, back?.url.origin]).toEqual([origin, origin])
      }),
      { numRuns: 20 },
    )
  })

  test("a config value that is taken leaves the provider's host what it is", async () => {
    const value = fc
      .tuple(
        fc.array(fc.oneof(pieces, fc.constantFrom("acme", "my", "salesforce.com")), { maxLength: 5 }),
        fc.constantFrom(".my.salesforce.com", ".salesforce.com", ".my.site.com", ""),
      )
      .map(([parts, suffix]) => parts.join("") + suffix)
    let taken = 0
    await fc.assert(
      fc.asyncProperty(value, async (hostname) => {
        const { body, status } = await initiate({ connection_config: { hostname } }, salesforce)
        if (status !== 200) {
          expect([status, body.code]).toEqual([400, "INVALID_REQUEST"])
          return
        }
        taken += 1
        const sent = await click(new TestBrowser(), body.redirect_url)
        // The sandbox's address names the host that a real browser would have been sent to.
        expect(sent.origin).toBe(new URL(server.url).origin)
        expect(sent.pathname).toMatch(
          /^\/sandbox\/salesforce\/([a-z0-9-]+\.)*(salesforce\.com|my\.site\.com)\/services\/oauth2\/authorize$/,
        )
      }),
      { numRuns: 250, examples: [["acme.my.salesforce.com"]] },
    )
    expect(taken).toBeGreaterThan(0)
  })
})
