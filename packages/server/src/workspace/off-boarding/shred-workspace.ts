/**
 * Destroys a workspace: its data keys first, so that nothing that was ever sealed with them opens again, wherever a copy
 * lies; then its rows; then what the rows left in the files.
 */
import { setImmediate as requestsThatWait } from "node:timers/promises"
import type { Services } from "../../services.ts"
import type { WorkspaceClosure } from "../../storage/stores/workspace-closures.ts"

const rowsAtOnce = 500

type Dependencies = Pick<Services, "storage" | "log" | "clock">

/** @returns false when it has to be tried again: a replica was still writing, or a program reads the file */
export async function shredWorkspace(
  { clock, log, storage }: Dependencies,
  { id, workspaceId }: Pick<WorkspaceClosure, "id" | "workspaceId">,
  renewLease: () => Promise<boolean>,
): Promise<boolean> {
  const keys = await storage.transaction((stores) => stores.tenantRows.destroyDataKeys(workspaceId))
  while ((await storage.tenantRows.removeSome(workspaceId, rowsAtOnce)) > 0) {
    if (!(await renewLease())) return false
    await requestsThatWait()
  }
  if (!(await storage.tenantRows.removeWorkspace(workspaceId))) return false
  if (!(await storage.scrub())) return false
  if (!(await storage.closures.finish(id, clock.now()))) return false
  log.info({ closureId: id, workspaceId, keys }, "a workspace was shredded")
  return true
}
