/**
 * SECURITY.md line 10, for members who signed in: by cookie and by device login every member's route answers as it
 * answers a key, except that all of the member's workspaces are theirs.
 */
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest"
import { type Answer, call } from "../harness/api.ts"
import type { TestBrowser } from "../harness/browser.ts"
import { answerDevice, callFrom, signInOnPage, startWithOwner } from "../harness/members.ts"
import { databases, type TestServer } from "../harness/server.ts"
import { type IdKind, idKinds, type Row, rows, usesUp } from "./matrix-rows.ts"
import { createWorld, idFor, type Ids, type World } from "./matrix-world.ts"

// Passwords are slow to judge on purpose, and other files run beside this one.
vi.setConfig({ testTimeout: 120_000 })

const memberRoutes = Object.entries(rows).filter(
  ([, { expected }]) => expected.none.startsWith("401") && expected.service.startsWith("403"),
)

/** What a key of one workspace gets for its own is what a sign-in gets for the sibling's too. */
function expectedOf({ expected, signedIn }: Row): readonly string[] {
  if (signedIn !== undefined) return signedIn.split(" ")
  const [own = "", ...others] = expected.member.split(" ")
  return others.length === 0 ? [own] : [own, own, ...others.slice(1)]
}

describe.each(databases)("signed-in members and ids on %s", (database) => {
  let server: TestServer
  let world: World
  let browser: TestBrowser
  let bearer: string
  let count = 0

  beforeAll(async () => {
    server = await startWithOwner({ database, env: { GRANTRY_RATE_LIMITS: "off" } })
    world = await createWorld(server)
    browser = await signInOnPage(server.url)
    const begun = await call<{ device_code: string; user_code: string }>(
      server.url,
      "POST",
      "/oauth/device/code",
      { as: null, body: { client_id: "grantry_cli" } },
    )
    await answerDevice(browser, server.url, begun.body.user_code)
    const tokens = await call<{ access_token: string }>(server.url, "POST", "/oauth/token", {
      as: null,
      body: {
        grant_type: "urn:ietf:params:oauth:grant-type:device_code",
        client_id: "grantry_cli",
        device_code: begun.body.device_code,
      },
    })
    bearer = tokens.body.access_token
  })
  afterAll(() => server.destroy())

  function send(caller: "session" | "device", name: string, row: Row, ids: Ids): Promise<Answer<unknown>> {
    const [method = "", pattern = ""] = name.split(" ")
    const filled = pattern.replace(/:(\w+)/g, (_, param: string) =>
      encodeURIComponent(idFor(param, pattern, ids)),
    )
    const path = filled + (row.query === undefined ? "" : `?${row.query}`)
    count += 1
    const body = row.body?.(`signed in ${count}`.replaceAll(" ", "-"))
    return caller === "session"
      ? callFrom<unknown>(browser, server.url, method, path, body)
      : call<unknown>(server.url, method, path, { as: { bearer }, ...(body && { body }) })
  }

  test("there are routes for members", () => {
    expect(memberRoutes.length).toBeGreaterThan(25)
  })

  test.each(memberRoutes)("%s", async (name, row) => {
    const expected = expectedOf(row)
    for (const caller of ["session", "device"] as const) {
      // Records to destroy are slow to make: once for each route is enough.
      if (row.destroys === true && caller === "device") continue
      const statuses: string[] = []
      for (const [index, status] of expected.entries()) {
        const kind: IdKind = idKinds[index] ?? "missing"
        const ids = usesUp(row, status) ? await world.freshIds(kind) : world.ids(kind)
        statuses.push(String((await send(caller, name, row, ids)).status))
      }
      expect([caller, ...statuses]).toEqual([caller, ...expected])
    }
  })
})
