/** The control interface of the emulated providers: development only, same origin, no credential. */
import { GrantryError } from "@grantry/sdk/members"
import { queryOptions } from "@tanstack/react-query"
import { serverUrl } from "../page-facts.ts"

export interface SandboxToken {
  readonly kind: "access" | "refresh"
  /** Its first and last characters. */
  readonly token: string
  readonly status: "live" | "expired" | "revoked" | "used"
  readonly expires_at: string | null
}

export interface SandboxGrant {
  readonly id: string
  readonly type: string
  readonly account: string
  readonly status: "live" | "revoked"
  readonly scopes: readonly string[]
  readonly created_at: string
  readonly tokens: readonly SandboxToken[]
}

export interface SandboxFault {
  readonly type: string
  readonly fault: string
  readonly times: number | null
}

export interface SandboxState {
  readonly clock: { readonly now: string }
  readonly services: readonly string[]
  readonly grants: readonly SandboxGrant[]
  readonly faults: readonly SandboxFault[]
}

export const sandboxQuery = queryOptions({
  queryKey: ["sandbox"],
  queryFn: () => control<SandboxState>("state"),
  refetchInterval: 5_000,
})

/** Without a body it reads. */
export async function control<Answer>(path: string, body?: unknown): Promise<Answer> {
  const init = body === undefined ? {} : { method: "POST", body: JSON.stringify(body) }
  const response = await fetch(`${serverUrl}/sandbox/_control/${path}`, {
    ...init,
    headers: body === undefined ? {} : { "content-type": "application/json" },
  })
  const answer = (await response.json()) as Answer & { readonly detail?: string }
  if (response.ok) return answer
  throw new GrantryError(answer.detail ?? "The sandbox refused.", { status: response.status })
}
