/** The audit as a file, and whether it is what was written, over HTTP. */
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import type { AuditEventListAnswer, AuditExportLine, AuditVerifyAnswer } from "@grantry/sdk/wire"
import { call, createApp, fetchToken, type TestApp } from "../harness/api.ts"
import { connectShared } from "../harness/connect.ts"
import { databases, ownerKey, startTestServer, type TestServer } from "../harness/server.ts"
import { openRaw } from "../security/raw-database.ts"

describe.each(databases)("the audit's export on %s", (database) => {
  let server: TestServer
  let app: TestApp
  let ws: string
  let token: string

  beforeAll(async () => {
    server = await startTestServer({ database })
    app = await createApp(server.url)
    const { body } = await call<{ organization_id: string }>(server.url, "GET", `/api/apps/${app.id}`)
    ws = body.organization_id
    await connectShared(server.url, app, "slack")
    token = (await fetchToken(server.url, app, "slack")).body.access_token
    await fetchToken(server.url, app, "github")
    await invite("+formula@example.com")
  })
  afterAll(() => server.destroy())

  const invite = (email: string) =>
    call(server.url, "POST", `/api/workspace/${ws}/members`, { body: { email, role: "viewer" } })
  const list = async (query = "") =>
    (
      await call<AuditEventListAnswer>(
        server.url,
        "GET",
        `/api/workspace/${ws}/audit-events?limit=200${query}`,
      )
    ).body
  const verify = async (query = "") =>
    (await call<AuditVerifyAnswer>(server.url, "POST", `/api/workspace/${ws}/audit/verify${query}`)).body
  const download = (query = "") =>
    fetch(`${server.url}/api/workspace/${ws}/audit/export${query}`, { headers: { api_key: ownerKey } })
  const lines = async (query = "") =>
    (await (await download(query)).text())
      .split("\n")
      .filter((text) => text !== "")
      .map((text) => JSON.parse(text) as AuditExportLine)

  test("holds every event once, oldest first, itself included, each with its place in the chain", async () => {
    const response = await download()
    expect(response.headers.get("content-type")).toBe("application/x-ndjson; charset=utf-8")
    expect(response.headers.get("content-disposition")).toBe(`attachment; filename="audit-${ws}.ndjson"`)
    expect(response.headers.get("cache-control")).toBe("no-store")
    await response.text()
    const exported = await lines()
    const { audit_events: listed } = await list()
    const ids = exported.map(({ id }) => id)
    expect(ids).toEqual(
      listed
        .slice(0, ids.length)
        .map(({ id }) => id)
        .toReversed(),
    )
    expect(exported.at(-1)).toMatchObject({ action: "audit.export", target: "ndjson", workspace_id: ws })
    const bySequence = new Map(exported.map((line) => [line.sequence, line]))
    expect([...bySequence.keys()].toSorted((one, other) => (one ?? 0) - (other ?? 0))).toEqual(
      exported.map((_, index) => index + 1),
    )
    for (const { mac, previous_mac, sequence } of exported) {
      expect(mac).toMatch(/^[0-9a-f]{64}$/)
      const before = bySequence.get((sequence ?? 0) - 1)
      if (before) expect(previous_mac).toBe(before.mac)
      else expect(previous_mac).toMatch(/^[0-9a-f]{64}$/)
    }
  })

  test("is filtered as the list is, and a line that follows one that was left out still names its MAC", async () => {
    const all = await lines()
    const reads = await lines("?action=token.read")
    expect(reads.map(({ outcome }) => outcome).toSorted()).toEqual(["NOT_FOUND", "ok"])
    for (const read of reads)
      expect(read.previous_mac).toBe(all.find(({ sequence }) => sequence === (read.sequence ?? 0) - 1)?.mac)
    expect(await lines("?outcome=NOT_FOUND")).toMatchObject([{ target: "type:github" }])
    expect((await list("&outcome=NOT_FOUND")).audit_events).toMatchObject([{ target: "type:github" }])
    expect(await lines("?until=2000-01-01")).toEqual([])
  })

  test("as CSV runs nothing in a spreadsheet", async () => {
    const response = await download("?format=csv&action=member.invite")
    expect(response.headers.get("content-type")).toBe("text/csv; charset=utf-8")
    const rows = (await response.text()).split("\r\n")
    expect(rows[0]).toContain("sequence,at,until,count,actor,action,target")
    expect(rows[1]).toContain(`,"'+formula@example.com viewer",ok,`)
    expect(rows[2]).toBe("")
  })

  test("holds no token, and is no answer to HEAD", async () => {
    const text = await (await download()).text()
    expect(text).toContain("token.read")
    for (const secret of [token, app.serviceKey, ownerKey]) expect(text).not.toContain(secret)
    const head = await fetch(`${server.url}/api/workspace/${ws}/audit/export`, {
      method: "HEAD",
      headers: { api_key: ownerKey },
    })
    expect(head.status).toBe(404)
  })

  test("a third one of a workspace waits for the others", async () => {
    // More than sockets keep for a reader who does not read.
    for (let batch = 0; batch < 4; batch += 1) await grow(5_000)
    const slow = [await download(), await download()]
    const third = await download()
    expect({ status: third.status, retry: third.headers.get("retry-after") }).toEqual({
      status: 429,
      retry: "5",
    })
    for (const { body } of slow) await body?.cancel()
    await expect.poll(async () => (await download("?until=2000-01-01")).status, { timeout: 30_000 }).toBe(200)
  })

  /** Copies of events, outside of the chain: only the export looks at them. */
  async function grow(count: number): Promise<void> {
    const series =
      database === "sqlite"
        ? `(with recursive n(i) as (select 1 union all select i + 1 from n where i < ${count}) select i from n)`
        : `(select generate_series(1, ${count}) as i)`
    await openRaw(server.databaseUrl, (raw) =>
      raw.run(`insert into audit_events (id, workspace_id, actor, action, target, outcome, count, at, until)
        select e.id || '_' || s.i || '_' || (select count(*) from audit_events), e.workspace_id, 'grown',
          'grown', '${"long ".repeat(40)}', e.outcome, 1, e.at, e.until
        from (select * from audit_events where seq = 1 and workspace_id = '${ws}') e, ${series} s`),
    )
  }

  test("the chain is verified over HTTP, with a head that was noted down", async () => {
    await openRaw(server.databaseUrl, (raw) => raw.run("delete from audit_events where action = 'grown'"))
    const answer = await verify()
    expect(answer).toMatchObject({
      status: "intact",
      begins_at: 1,
      unchained: 0,
      problem: null,
      next_cursor: null,
    })
    await invite("later@example.com")
    const later = await verify(`?head=${answer.head ?? ""}`)
    expect(later).toMatchObject({ status: "intact" })
    expect(later.checked).toBeGreaterThan(answer.checked)
    const forged = `${(answer.head ?? "").slice(0, -1)}${answer.head?.endsWith("0") === true ? "1" : "0"}`
    expect(await verify(`?head=${forged}`)).toMatchObject({
      status: "broken",
      problem: { what: "head_differs" },
    })
    expect(await verify("?head=12")).toMatchObject({ code: "INVALID_REQUEST" })
    await openRaw(server.databaseUrl, (raw) =>
      raw.run(`update audit_events set actor = 'member:else' where action = 'member.invite'
        and target like 'later%'`),
    )
    expect(await verify()).toMatchObject({ status: "broken", problem: { what: "changed" } })
  })
})
