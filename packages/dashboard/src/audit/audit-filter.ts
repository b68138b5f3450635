import type { AuditEventQuery } from "@grantry/sdk/wire"

/** As it is typed; times are local. */
export interface AuditFields {
  readonly actor: string
  readonly action: string
  readonly appId: string | null
  readonly since: string
  readonly until: string
}

export const noFilter: AuditFields = { actor: "", action: "", appId: null, since: "", until: "" }

export function filterOf({ action, actor, appId, since, until }: AuditFields): AuditEventQuery {
  return {
    ...(actor.trim() !== "" && { actor: actor.trim() }),
    ...(action.trim() !== "" && { action: action.trim() }),
    ...(appId !== null && { app_id: appId }),
    ...(since !== "" && { since: new Date(since).toISOString() }),
    ...(until !== "" && { until: new Date(until).toISOString() }),
  }
}
