/**
 * Who may still ask for something. Buckets are this process's own; each replica gives out its share of every limit, so
 * that nothing is written and nobody is asked.
 */
import type { Audit } from "../events/audit.ts"
import type { ReadCounter } from "../events/read-counts.ts"
import type { Metrics } from "../events/metrics/metrics.ts"
import type { GrantryError } from "../errors.ts"
import type { Log } from "../log.ts"
import type { Clock } from "../services.ts"
import type { LiveReplicas } from "../storage/live-replicas.ts"
import { createAddressReport } from "./address-report.ts"
import { addressKey } from "./client-address.ts"
import { limitExceeded } from "./limit-exceeded.ts"
import {
  type AddressLimit,
  type LimitName,
  type RateLimits,
  type UserLimit,
  workspaceLimitNames,
  type WorkspaceLimit,
} from "./rate-limits.ts"
import { createSlots } from "./slots.ts"
import { type Rate, shareOf, take, waitMs } from "./token-bucket.ts"

export interface Spender {
  readonly workspaceId: string
  readonly appId?: string
  readonly actor: string
}

export interface AppUser {
  readonly workspaceId: string
  readonly appId: string
  readonly userId: string
  readonly actor: string
}

/** Each answers with what the call is to be refused with; undefined: it may go on. */
export interface Limits {
  /** On the path of every token read: no promise, no write, nothing looked up but one map's entry. */
  useWorkspace(name: WorkspaceLimit, spender: Spender): GrantryError | undefined
  useUser(name: UserLimit, user: AppUser): GrantryError | undefined
  useAddress(name: AddressLimit, address: string): GrantryError | undefined
  /** Takes nothing: whether the address has used up its own already. */
  checkAddress(name: AddressLimit, address: string): GrantryError | undefined
  close(): void
}

interface Dependencies {
  readonly rates: RateLimits
  readonly replicas: LiveReplicas
  readonly clock: Clock
  readonly audit: Pick<Audit, "countRead">
  readonly metrics: Pick<Metrics, "rateLimited">
  readonly log: Pick<Log, "warn">
}

interface WorkspaceUse {
  /** By the position of the limit among the workspace's. */
  readonly fullAt: Float64Array
  /** The sum in which the last refusal was counted: the next is most often the same caller's. */
  counted: { readonly actor: string; readonly name: LimitName; readonly counter: ReadCounter } | null
}

const sweepAt = 10_000

export function createLimits(deps: Dependencies): Limits {
  const { audit, clock, log, metrics } = deps
  const shares = createShares(deps)
  const workspaces = createWorkspaceUses(clock)
  const slots = createSlots()
  const report = createAddressReport(log)

  function refuse(name: LimitName, wait: number): GrantryError {
    metrics.rateLimited(name)
    return limitExceeded(name, deps.rates.get(name), wait)
  }

  function auditRefusal(use: WorkspaceUse, name: LimitName, { actor, appId, workspaceId }: Spender): void {
    const { counted } = use
    if (counted?.actor === actor && counted.name === name && counted.counter.again(clock.now())) return
    // Who is in several workspaces has a sum for each.
    const target = `${workspaceId} ${name}`
    const event = { workspaceId, appId: appId ?? null, actor, target, outcome: "RATE_LIMITED" }
    use.counted = { actor, name, counter: audit.countRead({ ...event, action: "limit.exceed" }) }
  }

  function refuseAddress(name: AddressLimit, key: string, wait: number): GrantryError | undefined {
    if (wait === 0) return undefined
    report.note(name, key)
    return refuse(name, wait)
  }

  return {
    useWorkspace(name, spender) {
      const rate = shares.of(name)
      if (rate === undefined) return undefined
      const use = workspaces.of(spender.workspaceId)
      const place = workspaceLimitNames.indexOf(name)
      const [now, fullAt] = [clock.now(), use.fullAt[place] ?? 0]
      const wait = waitMs(fullAt, rate, now)
      use.fullAt[place] = take(fullAt, rate, now, wait > 0 ? 0 : 1)
      if (wait === 0) return undefined
      auditRefusal(use, name, spender)
      return refuse(name, wait)
    },

    useUser(name, user) {
      const rate = shares.of(name)
      const wait = rate ? slots.use(`${name} ${user.appId} ${user.userId}`, rate, clock.now()) : 0
      if (wait === 0) return undefined
      auditRefusal(workspaces.of(user.workspaceId), name, user)
      return refuse(name, wait)
    },

    useAddress(name, address) {
      const rate = shares.of(name)
      const key = addressKey(address)
      return refuseAddress(name, key, rate ? slots.use(`${name} ${key}`, rate, clock.now()) : 0)
    },

    checkAddress(name, address) {
      const rate = shares.of(name)
      const key = addressKey(address)
      return refuseAddress(name, key, rate ? slots.wait(`${name} ${key}`, rate, clock.now()) : 0)
    },

    close: () => report.close(),
  }
}

/** Made anew only when a replica comes or goes. */
function createShares({ rates, replicas }: Pick<Dependencies, "rates" | "replicas">) {
  let among = 0
  let shares = new Map<LimitName, Rate>()
  return {
    of(name: LimitName): Rate | undefined {
      const count = replicas.count()
      if (count !== among) {
        among = count
        shares = new Map([...rates].map(([each, rate]) => [each, shareOf(rate, count)]))
      }
      return shares.get(name)
    },
  }
}

/** Only those who hold a credential are here: a stranger cannot make entries. */
function createWorkspaceUses(clock: Clock) {
  const uses = new Map<string, WorkspaceUse>()
  let tooMany = sweepAt

  /** A full bucket is as good as none. */
  function sweep(): void {
    const now = clock.now()
    for (const [workspaceId, { fullAt }] of uses)
      if (fullAt.every((time) => time <= now)) uses.delete(workspaceId)
    tooMany = Math.max(sweepAt, uses.size * 2)
  }

  return {
    of(workspaceId: string): WorkspaceUse {
      const known = uses.get(workspaceId)
      if (known) return known
      if (uses.size >= tooMany) sweep()
      const use = { fullAt: new Float64Array(workspaceLimitNames.length), counted: null }
      uses.set(workspaceId, use)
      return use
    },
  }
}
