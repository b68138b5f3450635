import { afterAll, beforeAll, describe, expect, test, vi } from "vitest"
import pg from "pg"
import { call } from "../harness/api.ts"
import { type FaultWorld, startFaultWorld } from "../harness/fault-world.ts"
import { endedJob, type JobBody, jobsPath, startJob } from "../off-boarding/steps.ts"
import { openRaw } from "../security/raw-database.ts"

// A lost replica's lease has to end first.
vi.setConfig({ testTimeout: 180_000, hookTimeout: 120_000 })

const patience = { timeout: 60_000, interval: 50 }
const count = 300

describe("a replica that is killed in the middle of disconnecting everything", () => {
  let world: FaultWorld
  beforeAll(async () => {
    world = await startFaultWorld({ count: 1 })
  })
  afterAll(() => world.destroy())

  test("leaves the rest to the next one: none is missed, none is counted or revoked twice", async () => {
    const connected = await world.connect(count)
    const ws = connected[0]?.workspaceId ?? ""
    const held = await holdOneOf(world.databaseUrl)
    const started = await startJob(world.one.url, ws, { confirm: "Personal" })
    expect(started.body).toMatchObject({ status: "running", connections: { total: count } })
    const path = `${jobsPath(ws)}/${started.body.id}`
    const done = async (url: string) => (await call<JobBody>(url, "GET", path)).body.connections.done
    await expect.poll(() => done(world.one.url), patience).toBeGreaterThan(20)
    await world.one.end("SIGKILL")
    await held.release()

    const other = await world.add()
    const doneBefore = await done(other.url)
    expect(doneBefore).toBeLessThan(count)
    const job = await endedJob(other.url, ws, started.body.id)
    expect(job).toMatchObject({
      status: "done",
      connections: { total: count, done: count, failed: 0 },
      revocations: { revoked: count, pending: 0, unsupported: 0, failed: 0 },
    })
    const rows = await openRaw(world.databaseUrl, (raw) =>
      raw.rows(
        `select (select count(*) from connections where status <> 'disconnected') as left_over,
          (select count(*) from connections where sealed_access_token is not null) as sealed,
          (select count(*) from revocations) as revocations,
          (select count(distinct connection_id) from revocations) as revoked_connections,
          (select count(*) from audit_events where action = 'disconnect_job.end') as ends`,
      ),
    )
    expect(rows).toMatchObject([
      { left_over: "0", sealed: "0", revocations: String(count), revoked_connections: String(count) },
    ])
    for (const app of connected.slice(0, 5)) expect((await world.read(app, other)).status).toBe(404)
  })
})

/** Nobody gets past it: the job stands in the middle for as long as it is held. */
async function holdOneOf(url: string): Promise<{ release(): Promise<void> }> {
  const client = new pg.Client({ connectionString: url })
  // When the test fails, the server goes first.
  client.on("error", () => undefined)
  await client.connect()
  await client.query("begin")
  // In a query of its own: what an offset skips would be locked too.
  await client.query(
    "select id from connections where id = (select id from connections order by app_id offset 150 limit 1) for update",
  )
  return {
    async release() {
      await client.query("rollback")
      await client.end()
    },
  }
}
