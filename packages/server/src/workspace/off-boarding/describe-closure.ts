import type { WorkspaceClosure as ClosureAnswer } from "@grantry/sdk/wire"
import type { Services } from "../../services.ts"
import type { WorkspaceClosure } from "../../storage/stores/workspace-closures.ts"
import { summaryOf } from "./work-on-closure.ts"

export async function describeClosure(
  services: Pick<Services, "storage">,
  closure: WorkspaceClosure,
): Promise<ClosureAnswer> {
  const { connections, revocations } = closure.summary ?? (await summaryOf(services, closure))
  return {
    workspace_id: closure.workspaceId,
    status: closure.status,
    forced: closure.isForced,
    asked_at: new Date(closure.askedAt).toISOString(),
    give_up_at: new Date(closure.giveUpAt).toISOString(),
    shredded_at: closure.shreddedAt === null ? null : new Date(closure.shreddedAt).toISOString(),
    connections,
    revocations,
  }
}
