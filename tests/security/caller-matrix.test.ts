/** SECURITY.md line 10: every route × every kind of caller × whose id the path names. */
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { type Answer, call, type Credential } from "../harness/api.ts"
import { databases, startTestServer, type TestServer } from "../harness/server.ts"
import {
  callerNames,
  type CallerName,
  homeOfUser,
  type IdKind,
  idKinds,
  type Row,
  rows,
  usesUp,
} from "./matrix-rows.ts"
import { createWorld, idFor, type Ids, type World } from "./matrix-world.ts"
import { collectRoutes } from "./printed-routes.ts"

/** Fastify answers HEAD wherever it answers GET. */
const rowNames = Object.keys(rows)

function rowOf(route: string): Row | undefined {
  return rows[route] ?? rows[route.replace(/^HEAD /, "GET ")]
}

describe.each(databases)("callers and ids on %s", (database) => {
  let server: TestServer
  let routes: readonly string[]
  let world: World
  let count = 0

  beforeAll(async () => {
    const collected = await collectRoutes(() =>
      // Strangers ask by the thousand.
      startTestServer({ database, env: { GRANTRY_RATE_LIMITS: "off" } }),
    )
    server = collected.started
    // The emulated providers are no part of the API: they exist in development only.
    routes = collected.routes.filter((route) => !/ \/sandbox(\/|$)/.test(route))
    world = await createWorld(server)
  })
  afterAll(() => server.destroy())

  test("every route has a row, and every row a route", () => {
    expect(routes.length).toBeGreaterThan(30)
    expect(routes.filter((route) => rowOf(route) === undefined)).toEqual([])
    expect(rowNames.filter((name) => !routes.includes(name))).toEqual([])
  })

  test("the OpenAPI document names every route that is not a page", async () => {
    const { body } = await call<{ paths: Record<string, Record<string, unknown>> }>(
      server.url,
      "GET",
      "/api/openapi.json",
      { as: null },
    )
    const documented = Object.entries(body.paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method.toUpperCase()} ${path.replace(/\{(\w+)\}/g, ":$1")}`),
    )
    const expected = rowNames.filter((name) => rows[name]?.isPage !== true && !name.endsWith("/openapi.json"))
    expect(documented.filter((name) => !name.startsWith("HEAD ")).sort()).toEqual(expected.sort())
  })

  async function send(name: string, row: Row, caller: CallerName, ids: Ids): Promise<Answer<unknown>> {
    const [method = "", pattern = ""] = name.split(" ")
    const path = pattern.replace(/:(\w+)/g, (_, param: string) =>
      encodeURIComponent(idFor(param, pattern, ids)),
    )
    count += 1
    return call<unknown>(server.url, method, path + (row.query === undefined ? "" : `?${row.query}`), {
      as: credentialOf(caller, ids),
      ...(row.body && { body: row.body(String(count)) }),
      ...(row.onBehalf === true && { headers: { "on-behalf-of": `Bearer ${ids["userToken"] ?? "none"}` } }),
    })
  }

  /** A user's token is of one app: in one that was made for this call, of that app. */
  function credentialOf(caller: CallerName, { home, userToken }: Ids): Credential {
    const isAtHome = homeOfUser[caller]?.some((kind) => kind === home) === true
    return isAtHome && userToken !== undefined ? { bearer: userToken } : world.callers[caller]
  }

  test.each(rowNames)("%s answers each caller as the matrix says", async (name) => {
    const row = rows[name]
    if (!row) throw new Error(`no row ${name}`)
    const seen: Record<string, string> = {}
    for (const caller of callerNames) {
      const statuses = []
      for (const [index, expected] of row.expected[caller].split(" ").entries()) {
        const kind: IdKind = idKinds[index] ?? "missing"
        const ids = usesUp(row, expected) ? await world.freshIds(kind) : world.ids(kind)
        statuses.push((await send(name, row, caller, ids)).status)
      }
      seen[caller] = statuses.join(" ")
    }
    expect(seen).toEqual(row.expected)
  })

  test.each(rowNames.filter((name) => rows[name]?.isPage !== true && name.includes(":")))(
    "%s answers a foreign id byte for byte as a missing one",
    async (name) => {
      const row = rows[name]
      if (!row) throw new Error(`no row ${name}`)
      const isRefused = (caller: CallerName, kind: IdKind) =>
        homeOfUser[caller]?.includes(kind) !== true &&
        /^40[134]$/.test(row.expected[caller].split(" ")[idKinds.indexOf(kind)] ?? "")
      for (const caller of callerNames) {
        for (const kind of idKinds.filter((one) => isRefused(caller, one))) {
          const answer = comparable(await send(name, row, caller, world.ids(kind)))
          const missing = comparable(
            await send(name, row, caller, kind === "mixed" ? world.mixedMissing : world.ids("missing")),
          )
          expect([caller, kind, answer]).toEqual([caller, kind, missing])
        }
      }
    },
  )

  test("HEAD answers as GET does, without a body", async () => {
    for (const name of routes.filter((route) => route.startsWith("HEAD ") && rows[route] === undefined)) {
      const row = rowOf(name)
      if (!row) throw new Error(`no row ${name}`)
      for (const caller of callerNames) {
        for (const [index, status] of row.expected[caller].split(" ").entries()) {
          const answer = await send(name, row, caller, world.ids(idKinds[index] ?? "missing"))
          expect([name, caller, index, answer.status, answer.body]).toEqual([
            name,
            caller,
            index,
            Number(status),
            "",
          ])
        }
      }
    }
  })
})

test("without the sandbox there is no route under /sandbox", async () => {
  const { started, routes } = await collectRoutes(() =>
    startTestServer({ database: "sqlite", env: { GRANTRY_SANDBOX: "off" } }),
  )
  try {
    expect(routes.filter((route) => route.includes("/sandbox"))).toEqual([])
    expect((await call(started.url, "GET", "/sandbox/_control/state", { as: null })).status).toBe(404)
  } finally {
    await started.destroy()
  }
})

const perRequest = new Set(["date", "keep-alive"])

function comparable({ body, headers, status }: Answer<unknown>): unknown {
  const text = JSON.stringify(body).replace(/"request_id":"[^"]*"/, '"request_id":""')
  const kept = [...headers].filter(([name]) => !perRequest.has(name) && name !== "content-length")
  return { status, text, headers: Object.fromEntries(kept) }
}
