/** `grantry workspaces set-plan`: what a workspace may do where `GRANTRY_REQUIRED_PLAN` reserves something for a plan. */
import type { Environment, Flags } from "./config.ts"
import type { Plan } from "./plans.ts"
import { recordOperatorAct } from "./record-operator-act.ts"
import { withKeyRecords } from "./with-key-records.ts"

export interface PlanChange {
  readonly workspaceId: string
  readonly before: string
  readonly plan: Plan
}

/**
 * Running servers go by it with their next request.
 *
 * @returns undefined where there is no database yet; "no_workspace"
 * @throws ConfigError, MasterKeyMismatch, MasterKeyUnavailable
 */
export async function setWorkspacePlan(
  { env, flags }: { readonly env: Environment; readonly flags: Flags },
  workspaceId: string,
  plan: Plan,
): Promise<PlanChange | "no_workspace" | undefined> {
  return withKeyRecords({ env, flags }, async (masterKeys, records) => {
    const before = (await records.accounts.findWorkspace(workspaceId))?.plan
    if (before === undefined || !(await records.accounts.setPlan(workspaceId, plan))) return "no_workspace"
    const act = { action: "workspace.set_plan", target: `${before} to ${plan}`, outcome: "ok", count: 1 }
    await recordOperatorAct(masterKeys, records, { ...act, workspaceId })
    return { workspaceId, before, plan }
  })
}
