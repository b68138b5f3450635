/** All events that a filter meets, oldest first, page by page: however many there are, one page is in memory. */
import { setImmediate as requestsThatWait } from "node:timers/promises"
import type { Stores } from "../../storage/storage.ts"
import type { AuditFilter, StoredAuditEvent } from "../../storage/stores/audit-events.ts"
import type { ExportedEvent } from "./export-line.ts"

const pageSize = 500

type Storage = Pick<Stores, "audit" | "auditChains">

/** @param filter its `until` ends the export, while events go on being appended */
export async function* readExport(
  storage: Storage,
  workspaceId: string,
  filter: AuditFilter & { readonly until: number },
): AsyncGenerator<readonly ExportedEvent[]> {
  let after: StoredAuditEvent | undefined
  do {
    const query = { ...filter, order: "oldest", limit: pageSize, ...(after && { after }) } as const
    const page = await storage.audit.list(workspaceId, query)
    if (page.length > 0) yield await withPrevious(storage, workspaceId, page)
    after = page.length === pageSize ? page.at(-1) : undefined
    await requestsThatWait()
  } while (after)
}

async function withPrevious(
  { audit, auditChains }: Storage,
  workspaceId: string,
  page: readonly StoredAuditEvent[],
): Promise<readonly ExportedEvent[]> {
  const here = page.flatMap(({ link }) => link ?? [])
  const known = new Map(here.map(({ mac, sequence }) => [sequence, mac]))
  const missing = here.map(({ sequence }) => sequence - 1).filter((sequence) => !known.has(sequence))
  for (const { mac, sequence } of await audit.listLinks(workspaceId, missing)) known.set(sequence, mac)
  const base = (await auditChains.find(workspaceId))?.base
  if (base) known.set(base.sequence, base.mac)
  return page.map((event) => ({
    event,
    previousMac: (event.link && known.get(event.link.sequence - 1)) ?? null,
  }))
}
