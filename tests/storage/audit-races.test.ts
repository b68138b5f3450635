/** Several replicas append to the same chains, and retention cuts them, all at once. */
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { auditEvent, type AuditLog, newMasterKeys, openAuditLog } from "./audit-log.ts"
import { databases, NOW, type OpenDatabase, printedSeed, seedApp, seededRandom } from "./fixtures.ts"

const rounds = 300
const cutRounds = 150
const dayMs = 86_400_000

function dice(what: string) {
  const random = seededRandom(printedSeed(what))
  const upTo = (limit: number) => Math.floor(random() * limit)
  const oneOf = <T>(items: readonly T[]): T => {
    const item = items[upTo(items.length)]
    if (item === undefined) throw new Error("nothing to choose from")
    return item
  }
  return { oneOf, upTo }
}

describe.each(databases)("replicas that append to audits on $name", ({ open }) => {
  let database: OpenDatabase
  let replicas: readonly AuditLog[]
  let workspaces: readonly string[]
  beforeAll(async () => {
    database = await open()
    const keys = newMasterKeys()
    const storages = [database.storage, database.replica, database.storage]
    replicas = storages.map((storage) => openAuditLog(storage, keys))
    workspaces = await Promise.all(
      Array.from({ length: 3 }, async () => (await seedApp(database.storage)).workspaceId),
    )
  })
  afterAll(() => database.close())

  it("keep one chain for each workspace, with every event once", { timeout: 120_000 }, async () => {
    const { oneOf, upTo } = dice("audit races")
    const written = new Map<string, string>()
    const newBatch = (round: number) =>
      Array.from({ length: 1 + upTo(6) }, () => {
        const event = auditEvent(oneOf(workspaces), { at: NOW + round * dayMs })
        written.set(event.id, event.workspaceId)
        return event
      })
    for (let round = 0; round < rounds; round += 1) {
      const work = replicas.flatMap((replica) => {
        const batch = newBatch(round)
        // Some batches are sent twice, at the same time, by whoever.
        const again = upTo(4) === 0 ? [oneOf(replicas).append(batch)] : []
        return [replica.append(batch), ...again]
      })
      await Promise.all(work)
    }
    const onRecord = new Map<string, string>()
    for (const workspaceId of workspaces) {
      const events = await database.storage.audit.listChain(workspaceId, { after: 0, limit: 100_000 })
      expect(events.map(({ link }) => link.sequence)).toEqual(events.map((_, index) => index + 1))
      for (const { id } of events) onRecord.set(id, workspaceId)
      for (const replica of replicas)
        expect(await replica.verify(workspaceId)).toMatchObject({ status: "intact", checked: events.length })
    }
    expect(onRecord).toEqual(written)
    expect(replicas.flatMap(({ errors }) => errors)).toEqual([])
  })

  it("stay intact while retention removes what is old", { timeout: 120_000 }, async () => {
    const { oneOf } = dice("audit retention")
    const now = NOW + rounds * dayMs
    for (let round = 0; round < cutRounds; round += 1) {
      const cut = async () => {
        const workspaceId = oneOf(workspaces)
        await oneOf(replicas).expire({ workspaceId, before: NOW + round * dayMs, now })
      }
      const appended = auditEvent(oneOf(workspaces), { at: now + round })
      const checked = oneOf(workspaces)
      const [, , , report] = await Promise.all([
        cut(),
        cut(),
        oneOf(replicas).append([appended]),
        oneOf(replicas).verify(checked),
      ])
      expect(report).toMatchObject({ status: "intact" })
    }
    for (const workspaceId of workspaces) {
      const report = await replicas[0]?.verify(workspaceId)
      expect(report).toMatchObject({ status: "intact" })
      expect(report?.beginsAt).toBeGreaterThan(50)
    }
    expect(replicas.flatMap(({ errors }) => errors)).toEqual([])
  })
})
