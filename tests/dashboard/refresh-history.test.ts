/** How refreshes went over time: what the health page plots. */
import type { RefreshHistory } from "@grantry/sdk/wire"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { call, createApp, fetchToken, type TestApp } from "../harness/api.ts"
import { connectShared } from "../harness/connect.ts"
import { firstWorkspace } from "../harness/members.ts"
import { type Replicas, startReplicas } from "../harness/replicas.ts"
import { moveClock, setFault } from "../harness/sandbox.ts"
import { databases, startTestServer, type TestServer } from "../harness/server.ts"

const dayMs = 24 * 3_600_000

async function readHistory(base: string, ws: string, span?: string): Promise<RefreshHistory> {
  const query = span === undefined ? "" : `?span=${span}`
  const path = `/api/workspace/${ws}/health/refreshes${query}`
  return (await call<RefreshHistory>(base, "GET", path)).body
}

describe.each(databases)("a workspace's refreshes on %s", (database) => {
  let server: TestServer
  let app: TestApp
  let ws: string

  beforeAll(async () => {
    server = await startTestServer({ database })
    ws = await firstWorkspace(server.url)
    app = await createApp(server.url)
    for (const type of ["dropbox", "googlecalendar"]) await connectShared(server.url, app, type)
  })
  afterAll(() => server.destroy())

  const read = (span?: string) => readHistory(server.url, ws, span)
  const steps = ({ steps: all }: RefreshHistory) => all.filter(({ outcomes }) => Object.keys(outcomes).length)

  test("are steps without gaps, empty before the first refresh", async () => {
    for (const [span, seconds, count] of [
      ["6h", 300, 72],
      ["24h", 1_200, 72],
      ["7d", 7_200, 84],
    ] as const) {
      const history = await read(span)
      expect(history.step_seconds).toBe(seconds)
      expect(history.steps).toHaveLength(count)
      expect(history.steps[0]?.at).toBe(history.since)
      expect(Date.parse(history.until) - Date.parse(history.since)).toBe(seconds * 1000 * count)
      expect(steps(history)).toEqual([])
      expect(history.types).toEqual([])
    }
  })

  test("are counted by outcome, per service and per step", async () => {
    await moveClock(server.url, dayMs)
    await fetchToken(server.url, app, "dropbox")
    await setFault(server.url, "googlecalendar", "5xx_then_ok")
    await fetchToken(server.url, app, "googlecalendar")
    const history = await read()
    expect(history.types).toEqual([
      { integration_type: "dropbox", outcomes: { ok: 1 } },
      { integration_type: "googlecalendar", outcomes: { transient: 1 } },
    ])
    const summed: Record<string, number> = {}
    for (const { outcomes } of steps(history))
      for (const [outcome, count] of Object.entries(outcomes))
        summed[outcome] = (summed[outcome] ?? 0) + count
    expect(summed).toEqual({ ok: 1, transient: 1 })
  })

  test("of a day ago are in the week, and no longer in the day", async () => {
    await moveClock(server.url, dayMs + 3_600_000)
    expect((await read("24h")).types).toEqual([])
    expect((await read("7d")).types).toHaveLength(2)
  })

  test("of another workspace are not among them, and a span that is none is refused", async () => {
    const created = await call<{ id: string }>(server.url, "POST", "/api/workspace/workspaces", {
      body: { name: "Second" },
    })
    const key = await call<{ key: string }>(
      server.url,
      "POST",
      `/api/workspace/${created.body.id}/api-keys`,
      { body: { name: "second" } },
    )
    const path = `/api/workspace/${created.body.id}/health/refreshes`
    const other = await call<RefreshHistory>(server.url, "GET", `${path}?span=7d`, {
      as: { apiKey: key.body.key },
    })
    expect(other.body.types).toEqual([])
    const refused = await call(server.url, "GET", `/api/workspace/${ws}/health/refreshes?span=1y`)
    expect([refused.status, refused.body["code"]]).toEqual([400, "INVALID_REQUEST"])
  })
})

describe("with two replicas", () => {
  let replicas: Replicas
  beforeAll(async () => {
    replicas = await startReplicas({ database: "postgres", count: 2 })
  })
  afterAll(() => replicas.destroy())

  test("either answers for both", async () => {
    const [first, second] = replicas.servers
    if (!first || !second) throw new Error("two servers are needed")
    const app = await createApp(first.url)
    const ws = await firstWorkspace(first.url)
    for (const type of ["dropbox", "googlecalendar"]) await connectShared(first.url, app, type)
    await replicas.moveClock(dayMs)
    await fetchToken(first.url, app, "dropbox")
    await fetchToken(second.url, app, "googlecalendar")
    // Each writes within seconds, and at once when it is asked itself.
    for (const server of [first, second])
      await expect
        .poll(async () => (await readHistory(server.url, ws)).types, { timeout: 60_000 })
        .toEqual([
          { integration_type: "dropbox", outcomes: { ok: 1 } },
          { integration_type: "googlecalendar", outcomes: { ok: 1 } },
        ])
  })
})
