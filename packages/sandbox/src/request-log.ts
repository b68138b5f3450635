/** Which provider calls were made: how tests count them. Secrets are shown as the start of their digest. */
import { createHash } from "node:crypto"

export type ProviderEndpoint = "authorize" | "token" | "refresh" | "revoke" | "identity" | "api"

export interface LoggedRequest {
  readonly id: number
  readonly type: string
  readonly endpoint: ProviderEndpoint | "unknown"
  readonly method: string
  readonly host: string
  readonly path: string
  readonly grant_type: string | null
  readonly client_id: string | null
  readonly params: Readonly<Record<string, string>>
  readonly fault: string | null
  readonly status: number
  /** `ok`, or what was wrong. */
  readonly outcome: string
  /** By the sandbox's clock. */
  readonly at: string
}

export interface RequestLog {
  readonly most: number
  nextId: number
  entries: LoggedRequest[]
  /** Calls per type and endpoint, whatever was dropped from the list. */
  readonly counts: Map<string, Map<string, number>>
}

export function createRequestLog(most: number): RequestLog {
  return { most, nextId: 1, entries: [], counts: new Map() }
}

export function logRequest(log: RequestLog, entry: Omit<LoggedRequest, "id">): void {
  log.entries.push({ id: log.nextId++, ...entry })
  if (log.entries.length > log.most * 2) log.entries = log.entries.slice(-log.most)
  const counts = log.counts.get(entry.type) ?? new Map<string, number>()
  counts.set(entry.endpoint, (counts.get(entry.endpoint) ?? 0) + 1)
  log.counts.set(entry.type, counts)
}

/** Newest last. */
export function loggedRequests(log: RequestLog, type: string | null): readonly LoggedRequest[] {
  return log.entries.slice(-log.most).filter((entry) => type === null || entry.type === type)
}

export function requestCounts(log: RequestLog, type: string | null): Record<string, number> {
  const total: Record<string, number> = {
    authorize: 0,
    token: 0,
    refresh: 0,
    revoke: 0,
    identity: 0,
    api: 0,
    unknown: 0,
  }
  for (const [owner, counts] of log.counts) {
    if (type !== null && owner !== type) continue
    for (const [endpoint, count] of counts) total[endpoint] = (total[endpoint] ?? 0) + count
  }
  return total
}

const open: ReadonlySet<string> = new Set([
  "client_id",
  "grant_type",
  "redirect_uri",
  "response_type",
  "scope",
  "user_scope",
  "access_type",
  "prompt",
  "owner",
  "token_access_type",
  "code_challenge_method",
  "include_granted_scopes",
  "login_hint",
  "token_type_hint",
  "account",
  "decision",
])

/** Everything that is not known to be harmless is masked. */
export function maskedParams(pairs: Iterable<readonly [string, string]>): Record<string, string> {
  const entries: [string, string][] = []
  for (const [name, value] of pairs) {
    entries.push([name.slice(0, 100), open.has(name) ? value.slice(0, 2000) : masked(value)])
    if (entries.length === 50) break
  }
  // A name like __proto__ must stay a name: fromEntries defines own members only.
  return Object.fromEntries(entries)
}

/** Equal secrets look equal; none can be read back. */
export function masked(value: string): string {
  return `sha256:${createHash("sha256").update(value).digest("hex").slice(0, 8)}`
}
