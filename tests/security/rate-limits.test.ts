/** SECURITY.md line 25: what a workspace and an app user may ask for is limited, and takes nothing from the others. */
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { type Answer, call, createApp, type Credential, fetchToken, type TestApp } from "../harness/api.ts"
import { createConnector, createUser, initiateFor, statusFor, workspaceOf } from "../harness/app-users.ts"
import { connectShared } from "../harness/connect.ts"
import { moveClock } from "../harness/sandbox.ts"
import { databases, ownerKey, startTestServer, type TestServer } from "../harness/server.ts"
import { addMember, type OtherMember } from "./with-storage.ts"

const type = "slack"
const hourMs = 3_600_000
/** By the hour, so that nothing comes back before a test moves the clock. */
const rateLimits = "reads=20/h,calls=300/h,writes=300/h,users=60/h,functions=15/h,consents=5/h"

const statuses = (answers: readonly { readonly status: number }[], status: number): number =>
  answers.filter((answer) => answer.status === status).length

function many<T>(count: number, work: (index: number) => Promise<T>): Promise<T[]> {
  return Promise.all(Array.from({ length: count }, (_, index) => work(index)))
}

describe.each(databases)("limits of workspaces and users on %s", (database) => {
  let server: TestServer
  let other: OtherMember
  let app: TestApp
  let sibling: TestApp
  let foreign: TestApp

  beforeAll(async () => {
    server = await startTestServer({ database, env: { GRANTRY_RATE_LIMITS: rateLimits } })
    other = await addMember(server, null)
    app = await createApp(server.url)
    sibling = await createApp(server.url)
    foreign = await createApp(server.url, "Elsewhere", other.as)
    for (const one of [app, sibling]) await connectShared(server.url, one, type)
  })
  afterAll(() => server.destroy())

  const newHour = () => moveClock(server.url, hourMs)
  const read = (of: TestApp) => fetchToken(server.url, of, type)
  const refreshed = async () => {
    await newHour()
    // What expired with the hour is refreshed before reads are counted.
    await Promise.all([read(app), read(sibling)])
    await newHour()
  }
  async function audited(as: Credential, workspaceId: string): Promise<readonly Record<string, unknown>[]> {
    const path = `/api/workspace/${workspaceId}/audit-events?action=limit.exceed`
    return (await call<{ audit_events: Record<string, unknown>[] }>(server.url, "GET", path, { as })).body
      .audit_events
  }

  test("beyond its token reads a workspace is told which limit, how long to wait and where to read on", async () => {
    await newHour()
    const answers = await many(25, () => read(app))
    expect([statuses(answers, 200), statuses(answers, 429)]).toEqual([20, 5])
    const refused = answers.find(({ status }) => status === 429)
    expect(refused?.body).toMatchObject({
      code: "RATE_LIMITED",
      limit: "reads",
      detail: expect.stringMatching(
        /^This workspace has used up its limit of 20 token reads per hour \(limit "reads"\)\. Try again in \d+ s\./,
      ),
      docs_url: `${server.url}/errors/RATE_LIMITED`,
    })
    const retryAfterS = Number(refused?.headers.get("retry-after"))
    expect(retryAfterS).toBeGreaterThan(0)
    expect(retryAfterS).toBeLessThanOrEqual(180)
    expect(refused?.headers.get("ratelimit-policy")).toBe('"reads";q=20;w=3600')
    expect(refused?.headers.get("ratelimit")).toBe(`"reads";r=0;t=${retryAfterS}`)
    expect(refused?.headers.get("cache-control")).toBe("no-store")
    await moveClock(server.url, retryAfterS * 1_000)
    expect([(await read(app)).status, (await read(app)).status]).toEqual([200, 429])
  })

  test("the limit is the workspace's, whichever of its apps asks; its members' calls are apart from it", async () => {
    await refreshed()
    expect(statuses(await many(10, () => read(app)), 200)).toBe(10)
    expect(statuses(await many(20, () => read(sibling)), 200)).toBe(10)
    expect((await read(app)).status).toBe(429)
    expect((await call(server.url, "GET", `/api/apps/${app.id}`)).status).toBe(200)
    expect((await call(server.url, "PUT", `/api/apps/${app.id}`, { body: { name: "Renamed" } })).status).toBe(
      200,
    )
  })

  test("while one workspace sends ten times its limit, another gets every answer", async () => {
    await newHour()
    const [flood, others] = await Promise.all([many(200, () => read(app)), many(20, () => read(foreign))])
    expect([statuses(flood, 200), statuses(flood, 429)]).toEqual([20, 180])
    // It has connected nothing, and is told so.
    expect(statuses(others, 404)).toBe(20)
    expect((await read(foreign)).status).toBe(429)
  })

  test("refusals are one entry in the audit of the workspace, with their number, and are counted", async () => {
    await newHour()
    const own = async () => audited({ apiKey: ownerKey }, await workspaceOf(server.url))
    const before = { events: await own(), reads: await limitedReads() }
    await many(50, () => read(app))
    const known = new Set(before.events.map(({ id }) => id))
    const fresh = (await own()).filter(({ id }) => !known.has(id))
    expect(fresh.reduce((total, { count }) => total + Number(count), 0)).toBe(30)
    // One, unless it was written in between.
    expect(fresh.length).toBeLessThanOrEqual(3)
    expect(fresh[0]).toMatchObject({
      actor: expect.stringMatching(/^service:/),
      app_id: app.id,
      target: `${await workspaceOf(server.url)} reads`,
      outcome: "RATE_LIMITED",
    })
    expect((await limitedReads()) - before.reads).toBe(30)
    // Another workspace reads of its own alone.
    expect(await audited(other.as, other.workspaceId)).toEqual([
      expect.objectContaining({ count: 1, target: `${other.workspaceId} reads` }),
    ])
  })

  async function limitedReads(): Promise<number> {
    const { body } = await call<string>(server.url, "GET", "/metrics", { as: null })
    return Number(/^grantry_rate_limited_total\{limit="reads"\} (\d+)$/m.exec(body)?.[1] ?? 0)
  }

  test("members' calls that read and calls that change something have limits of their own", async () => {
    await newHour()
    const get = () => call(server.url, "GET", `/api/apps/${foreign.id}`, { as: other.as })
    const put = () =>
      call(server.url, "PUT", `/api/apps/${foreign.id}`, { as: other.as, body: { name: "Renamed" } })
    const written = await many(320, put)
    expect([statuses(written, 200), statuses(written, 429)]).toEqual([300, 20])
    expect(written.find(({ status }) => status === 429)?.body).toMatchObject({ limit: "writes" })
    const readBack = await many(320, get)
    expect([statuses(readBack, 200), statuses(readBack, 429)]).toEqual([300, 20])
    expect(readBack.find(({ status }) => status === 429)?.body).toMatchObject({ limit: "calls" })
    expect((await call(server.url, "GET", `/api/apps/${app.id}`)).status).toBe(200)
  })

  test("a user who begins one consent after the other uses up their own, not the app's", async () => {
    await newHour()
    const connector = await createConnector(server.url, { integration_type: type })
    const [greedy, modest] = [await createUser(server.url, app), await createUser(server.url, app)]
    const begun = await many(12, () => initiateFor(server.url, app, greedy, connector))
    expect([statuses(begun, 200), statuses(begun, 429)]).toEqual([5, 7])
    const refused = begun.find(({ status }) => status === 429)
    expect(refused?.body).toMatchObject({
      code: "RATE_LIMITED",
      limit: "consents",
      detail: expect.stringMatching(/^This user has used up its limit of 5 begun consents per hour/),
    })
    expect((await initiateFor(server.url, app, modest, connector)).status).toBe(200)
    expect((await statusFor(server.url, app, greedy, connector)).status).toBe(200)
    await newHour()
  })

  test("app users' calls have a limit of their own: it leaves the backend its reads", async () => {
    await refreshed()
    const connector = await createConnector(server.url, { integration_type: type })
    const user = await createUser(server.url, app)
    const asked = await many(80, () => statusFor(server.url, app, user, connector))
    // One went into the making of the user's token.
    expect([statuses(asked, 200), statuses(asked, 429)]).toEqual([59, 21])
    expect(asked.find(({ status }) => status === 429)?.body).toMatchObject({ limit: "users" })
    expect((await read(app)).status).toBe(200)
  })

  test("calls of an app's backend functions count as the app's workspace's", async () => {
    await newHour()
    const invoke = (of: TestApp): Promise<Answer> =>
      call(server.url, "POST", `/api/apps/${of.id}/functions/any`, { as: null, body: {} })
    const path = `/api/apps/${app.id}`
    await call(server.url, "PUT", path, { body: { functions_upstream: "http://127.0.0.1:9" } })
    const answers = await many(20, () => invoke(app))
    expect([statuses(answers, 502), statuses(answers, 429)]).toEqual([15, 5])
    expect(answers.find(({ status }) => status === 429)?.body).toMatchObject({ limit: "functions" })
    expect((await invoke(foreign)).status).toBe(404)
  })

  test("health is told whoever is limited", async () => {
    const answers = await many(50, () => call(server.url, "GET", "/readyz", { as: null }))
    expect(statuses(answers, 200)).toBe(50)
  })
})
