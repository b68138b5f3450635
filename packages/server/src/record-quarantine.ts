import type { Services } from "./services.ts"
import type { FirstOwner } from "./workspace/bootstrap.ts"

/** That nothing is refreshed or revoked, or that an operator has said it may be, is on record in the first owner's workspace. */
export async function recordQuarantine(
  { audit, config, quarantine }: Pick<Services, "audit" | "config" | "quarantine">,
  { workspaceId }: FirstOwner,
): Promise<void> {
  const about = { workspaceId, appId: null, target: null, outcome: "ok" }
  if (quarantine.active) await audit.record({ ...about, actor: "system", action: "quarantine.start" })
  else if (config.quarantine === "off")
    await audit.record({ ...about, actor: "operator", action: "quarantine.end" })
}
