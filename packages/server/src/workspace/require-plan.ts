import { GrantryError } from "../errors.ts"
import { includesPlan } from "../plans.ts"
import type { Services } from "../services.ts"

/**
 * For what the operator reserves for a plan (`GRANTRY_REQUIRED_PLAN`); without that setting it asks nothing.
 *
 * @throws PLAN_REQUIRED
 */
export async function requirePlan(
  { config, storage }: Pick<Services, "config" | "storage">,
  workspaceId: string,
): Promise<void> {
  const required = config.requiredPlan
  if (required === null) return
  const workspace = await storage.accounts.findWorkspace(workspaceId)
  if (workspace && includesPlan(workspace.plan, required)) return
  const message = `The plan of this workspace does not include this call: it needs ${required} or more. Ask the operator of this server to change the plan.`
  throw new GrantryError("PLAN_REQUIRED", 403, message, { connector: true })
}
