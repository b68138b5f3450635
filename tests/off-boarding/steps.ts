/** Jobs as a member asks for them and watches them. */
import { expect } from "vitest"
import { type Answer, call, type Credential } from "../harness/api.ts"
import { ownerKey } from "../harness/server.ts"

export interface Sums {
  readonly revoked: number
  readonly pending: number
  readonly unsupported: number
  readonly failed: number
}

export interface JobBody {
  readonly id: string
  readonly status: string
  readonly connections: { readonly total: number; readonly done: number; readonly failed: number }
  readonly revocations: Sums
}

export const jobsPath = (ws: string): string => `/api/workspace/${ws}/disconnect-jobs`
export const patience = { timeout: 60_000, interval: 50 }

export function startJob(
  url: string,
  ws: string,
  body: Record<string, unknown>,
  as: Credential = { apiKey: ownerKey },
): Promise<Answer<JobBody>> {
  return call<JobBody>(url, "POST", jobsPath(ws), { as, body })
}

/** Waits until it is over, and unless told until every provider has answered. */
export async function endedJob(
  url: string,
  ws: string,
  id: string,
  { revoked = true } = {},
): Promise<JobBody> {
  const read = async () => (await call<JobBody>(url, "GET", `${jobsPath(ws)}/${id}`)).body
  await expect.poll(async () => (await read()).status, patience).toBe("done")
  if (revoked) await expect.poll(async () => (await read()).revocations.pending, patience).toBe(0)
  return read()
}

export interface ClosureBody {
  readonly workspace_id: string
  readonly status: string
  readonly shredded_at: string | null
  readonly forced: boolean
  readonly connections: JobBody["connections"]
  readonly revocations: Sums
  readonly secret: string
}

export function deleteWorkspace(
  url: string,
  ws: string,
  name: string,
  { as = { apiKey: ownerKey }, force = false }: { readonly as?: Credential; readonly force?: boolean } = {},
): Promise<Answer<ClosureBody>> {
  const query = new URLSearchParams({ confirm: name, ...(force && { force: "true" }) })
  return call<ClosureBody>(url, "DELETE", `/api/workspace/workspaces/${ws}?${query}`, { as })
}

export async function closureOf(url: string, secret: string): Promise<ClosureBody> {
  return (await call<ClosureBody>(url, "GET", `/api/workspace/closures/${secret}`, { as: null })).body
}

export async function shredded(url: string, secret: string): Promise<ClosureBody> {
  await expect.poll(async () => (await closureOf(url, secret)).status, patience).toBe("shredded")
  return closureOf(url, secret)
}
