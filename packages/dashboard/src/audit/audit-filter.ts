import type { AuditFilter } from "@grantry/sdk/wire"

/** As it is typed; times are local. */
export interface AuditFields {
  readonly actor: string
  readonly action: string
  readonly target: string
  readonly outcome: string
  readonly appId: string | null
  readonly since: string
  readonly until: string
}

export const noFilter: AuditFields = {
  actor: "",
  action: "",
  target: "",
  outcome: "",
  appId: null,
  since: "",
  until: "",
}

export function filterOf({ appId, since, until, ...texts }: AuditFields): AuditFilter {
  const given = Object.entries(texts).map(([name, text]) => [name, text.trim()] as const)
  return {
    ...Object.fromEntries(given.filter(([, text]) => text !== "")),
    ...(appId !== null && { app_id: appId }),
    ...(since !== "" && { since: new Date(since).toISOString() }),
    ...(until !== "" && { until: new Date(until).toISOString() }),
  }
}
