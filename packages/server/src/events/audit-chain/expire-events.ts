/**
 * Removes old events from the beginning of a workspace's record. The link of the last one that goes stays as what the
 * record begins after, authenticated with the rest of the chain's record, and the removal is an event itself.
 */
import { newOrderedId } from "../../random.ts"
import type { Stores } from "../../storage/storage.ts"
import type { AuditEvent, ChainedAuditEvent } from "../../storage/stores/audit-events.ts"
import { type AppendDependencies, extend } from "./append-events.ts"
import type { ChainKey } from "./chain-keys.ts"
import { isAuthentic } from "./macs.ts"
import { countGood } from "./walk-chain.ts"

export interface Expiry {
  readonly workspaceId: string
  /** Events that ended before this time go, in milliseconds. */
  readonly before: number
  readonly now: number
}

/** Events removed in one transaction. */
const batchSize = 1_000

/** @returns how many went; 0: there is nothing left to remove */
export async function expireEvents(deps: AppendDependencies, expiry: Expiry): Promise<number> {
  const key = await deps.keys.of(expiry.workspaceId)
  return deps.storage.transaction((stores) => expireWithin(deps, stores, key, expiry))
}

async function expireWithin(
  { log }: AppendDependencies,
  stores: Stores,
  key: ChainKey,
  { before, now, workspaceId }: Expiry,
): Promise<number> {
  const [chain] = await stores.auditChains.lock([workspaceId])
  // What was altered is evidence: it stays until somebody has looked at it.
  if (!chain || chain.brokenAt !== null || !isAuthentic(key.key, chain)) return refuse(log, workspaceId)
  const page = await stores.audit.listChain(workspaceId, { after: chain.base.sequence, limit: batchSize })
  const good = page.slice(0, countGood(key.key, chain.base, page))
  if (good.length === 0 && page.length > 0) return refuse(log, workspaceId)
  const old = endedBefore(good, before)
  const cut = old.at(-1)?.link ?? chain.base
  const unchained = await stores.audit.removeUnchained(workspaceId, before, batchSize)
  if (old.length + unchained === 0) return 0
  await stores.audit.removeChained(workspaceId, cut.sequence)
  const event = expiryEvent(workspaceId, old, unchained, now)
  const extended = extend(key, { ...chain, base: cut }, [event])
  await stores.audit.insert(extended.events)
  await stores.auditChains.save([extended.chain])
  return old.length + unchained
}

function refuse(log: AppendDependencies["log"], workspaceId: string): number {
  log.error({ workspaceId }, "old audit events are kept: the audit was altered, see grantry audit verify")
  return 0
}

/** From the beginning up to the first that is young: replicas write their sums of reads a little out of order. */
function endedBefore(events: readonly ChainedAuditEvent[], before: number): readonly ChainedAuditEvent[] {
  const young = events.findIndex(({ until }) => until >= before)
  return young === -1 ? events : events.slice(0, young)
}

function expiryEvent(
  workspaceId: string,
  old: readonly ChainedAuditEvent[],
  unchained: number,
  now: number,
): AuditEvent {
  const [first] = old
  const target = first
    ? `${first.link.sequence}-${first.link.sequence + old.length - 1}`
    : "older than the chain"
  return {
    id: newOrderedId("evt", now),
    workspaceId,
    appId: null,
    actor: "system",
    action: "audit.expire",
    target,
    outcome: "ok",
    count: old.length + unchained,
    at: now,
    until: now,
    address: null,
    requestId: null,
  }
}
