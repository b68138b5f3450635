/** Ends many connections at once, with bounded memory and a bounded number of calls to providers at a time. */
import type { Services } from "../services.ts"
import type { Connection } from "../storage/stores/connections.ts"
import { disconnect } from "./disconnect.ts"
import type { RevocationDependencies } from "./settle-revocation.ts"

const batch = 200
const atOnce = 10

/**
 * Disconnects and forgets until there is none left; what is connected meanwhile is ended too.
 *
 * @param actor whose act it is, as the audit names them
 * @param next the first so many that are there
 */
export async function disconnectAll(
  deps: RevocationDependencies & Pick<Services, "audit">,
  actor: string,
  next: (limit: number) => Promise<readonly Connection[]>,
): Promise<void> {
  for (;;) {
    const waiting = [...(await next(batch))]
    if (waiting.length === 0) return
    const work = async () => {
      for (let one = waiting.pop(); one; one = waiting.pop()) {
        const { appId, id: target, workspaceId } = one
        const outcome = await disconnect(deps, one, true)
        await deps.audit.record({ workspaceId, appId, actor, action: "connection.remove", target, outcome })
      }
    }
    await Promise.all(Array.from({ length: atOnce }, work))
  }
}
