/** The sandbox's control interface: its clock, its faults, and what it was asked. */
import { call } from "./api.ts"

export async function moveClock(base: string, advanceMs: number): Promise<void> {
  await control(base, "clock", { advance_ms: advanceMs })
}

export async function setFault(
  base: string,
  type: string,
  fault: string,
  more: Record<string, unknown> = {},
): Promise<void> {
  await control(base, "faults", { type, fault, ...more })
}

async function control(base: string, path: string, body: Record<string, unknown>): Promise<void> {
  const answer = await call(base, "POST", `/sandbox/_control/${path}`, { as: null, body })
  if (answer.status !== 200) throw new Error(`the sandbox refused ${path}: ${JSON.stringify(answer.body)}`)
}

export interface SeenRequest {
  readonly endpoint: string
  readonly [detail: string]: unknown
}

/** What the emulated provider was asked, oldest first; of one endpoint only where it is named. */
export async function requestsTo(
  base: string,
  type: string,
  endpoint?: string,
): Promise<readonly SeenRequest[]> {
  const answer = await call<{ requests: readonly SeenRequest[] }>(
    base,
    "GET",
    `/sandbox/_control/requests?type=${type}`,
    { as: null },
  )
  return endpoint === undefined
    ? answer.body.requests
    : answer.body.requests.filter((request) => request.endpoint === endpoint)
}

/** What a person switches in the provider's console for the type's own client, e.g. rotation. */
export async function setClient(
  base: string,
  type: string,
  settings: Record<string, unknown>,
): Promise<void> {
  await control(base, "client", { type, settings })
}

/** The status of a call of the provider's API with an access token: whether the provider takes it. */
export async function callProvider(
  base: string,
  type: string,
  url: string,
  accessToken: string,
): Promise<number> {
  const { host, pathname } = new URL(url)
  const answer = await call(base, "GET", `/sandbox/${type}/${host}${pathname}`, {
    as: { bearer: accessToken },
  })
  return answer.status
}

/** Forgets faults, settings, grants and requests; the time stays. */
export async function resetSandbox(base: string): Promise<void> {
  await control(base, "reset", {})
}

interface ShownGrant {
  readonly type: string
  readonly tokens: readonly { readonly kind: "access" | "refresh"; readonly status: string }[]
}

/** Kinds of the tokens of a type that the emulated provider still takes. */
export async function liveTokens(base: string, type: string): Promise<readonly string[]> {
  const answer = await call<{ grants: readonly ShownGrant[] }>(base, "GET", "/sandbox/_control/state", {
    as: null,
  })
  const tokens = answer.body.grants.filter((grant) => grant.type === type).flatMap((grant) => grant.tokens)
  return tokens.filter(({ status }) => status === "live").map(({ kind }) => kind)
}
