/** What is limited, and for whom. */
import type { Rate } from "./token-bucket.ts"

/** Of a workspace, each apart from the others; of one app user; of a network address. */
export type WorkspaceLimit = "reads" | "calls" | "writes" | "users" | "functions"
export type UserLimit = "consents"
export type AddressLimit = "refused" | "open"
export type LimitName = WorkspaceLimit | UserLimit | AddressLimit

export interface LimitKind {
  readonly fallback: Rate
  /** Ends the sentence "This … has used up its limit of n …". */
  readonly what: string
  readonly whose: "workspace" | "user" | "address"
}

const secondMs = 1_000
const minuteMs = 60_000

/** Far above what ordinary programs do, and far below what makes others wait. */
export const limitKinds: Readonly<Record<LimitName, LimitKind>> = {
  reads: { fallback: { count: 2_000, windowMs: secondMs }, what: "token reads", whose: "workspace" },
  calls: { fallback: { count: 6_000, windowMs: minuteMs }, what: "calls that read", whose: "workspace" },
  writes: {
    fallback: { count: 3_000, windowMs: minuteMs },
    what: "calls that change something",
    whose: "workspace",
  },
  users: {
    fallback: { count: 30_000, windowMs: minuteMs },
    what: "calls by and for app users",
    whose: "workspace",
  },
  functions: {
    fallback: { count: 60_000, windowMs: minuteMs },
    what: "calls of backend functions",
    whose: "workspace",
  },
  consents: { fallback: { count: 60, windowMs: minuteMs }, what: "begun consents", whose: "user" },
  refused: {
    fallback: { count: 600, windowMs: minuteMs },
    what: "calls without a valid credential",
    whose: "address",
  },
  open: {
    fallback: { count: 1_200, windowMs: minuteMs },
    what: "requests to pages and open addresses",
    whose: "address",
  },
}

export const workspaceLimitNames: readonly WorkspaceLimit[] = [
  "reads",
  "calls",
  "writes",
  "users",
  "functions",
]

/** What is missing is not limited. */
export type RateLimits = ReadonlyMap<LimitName, Rate>

export const limitNames = Object.keys(limitKinds).filter(isLimitName)

export function isLimitName(name: string): name is LimitName {
  return Object.hasOwn(limitKinds, name)
}

export const defaultRateLimits: RateLimits = new Map(
  limitNames.map((name) => [name, limitKinds[name].fallback]),
)
