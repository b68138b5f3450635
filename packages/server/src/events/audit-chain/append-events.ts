/** Appends events to their workspaces' chains, from any number of replicas: all of a batch, or nothing. */
import type { Log } from "../../log.ts"
import { AlreadyExists } from "../../storage/storage-errors.ts"
import type { Storage, Stores } from "../../storage/storage.ts"
import type { AuditChain } from "../../storage/stores/audit-chains.ts"
import type { AuditEvent, ChainedAuditEvent } from "../../storage/stores/audit-events.ts"
import type { ChainKey, ChainKeys } from "./chain-keys.ts"
import { authenticated, eventMac, isAuthentic } from "./macs.ts"

export interface AppendDependencies {
  readonly storage: Pick<Storage, "transaction">
  readonly keys: ChainKeys
  readonly log: Pick<Log, "error" | "info">
}

const maxTries = 4

/**
 * An event whose id is on record already is left as it is: a batch may be sent twice.
 *
 * @throws StorageUnavailable, CredentialUnreadable
 */
export async function appendEvents(deps: AppendDependencies, events: readonly AuditEvent[]): Promise<void> {
  if (events.length === 0) return
  const batch = Map.groupBy(events, ({ workspaceId }) => workspaceId)
  let isHeadDoubted = false
  for (let tries = 0; tries < maxTries; tries += 1) {
    try {
      return await appendOnce(deps, batch, isHeadDoubted)
    } catch (error) {
      if (error instanceof KeyReplaced) deps.keys.forget(error.workspaceId)
      // Where the head says that nothing is, somebody has put an event.
      else if (error instanceof AlreadyExists) isHeadDoubted = true
      else throw error
    }
  }
  throw new Error("the audit chains moved with every try to append to them")
}

/** The key in memory is not that of the row: the chain was begun anew since. */
class KeyReplaced extends Error {
  readonly workspaceId: string

  constructor(workspaceId: string) {
    super("the key of the audit chain was replaced")
    this.workspaceId = workspaceId
  }
}

type Batch = ReadonlyMap<string, readonly AuditEvent[]>

async function appendOnce(deps: AppendDependencies, batch: Batch, isHeadDoubted: boolean): Promise<void> {
  const keys = new Map<string, ChainKey>()
  for (const id of batch.keys()) keys.set(id, await deps.keys.of(id))
  const chains = await deps.storage.transaction(async (stores) => {
    const locked = new Map(
      (await stores.auditChains.lock([...batch.keys()])).map((one) => [one.workspaceId, one]),
    )
    const ids = [...batch.values()].flatMap((events) => events.map(({ id }) => id))
    const known = new Set(await stores.audit.listKnown(ids))
    const extended: Extended[] = []
    for (const [id, key] of keys) {
      const fresh = batch.get(id)?.filter((event) => !known.has(event.id)) ?? []
      const chain = await trustworthy(deps, stores, { chain: locked.get(id), id, isHeadDoubted, key })
      if (fresh.length > 0) extended.push(extend(key, chain, fresh))
    }
    return save(stores, extended)
  })
  for (const { head, workspaceId } of chains) {
    const key = keys.get(workspaceId)
    if (key) key.lastKnown = Math.max(key.lastKnown, head.sequence)
  }
}

export interface Extended {
  readonly chain: AuditChain
  readonly events: readonly ChainedAuditEvent[]
}

/** Call it under the chain's lock. */
export function extend(
  { key }: Pick<ChainKey, "key">,
  chain: AuditChain,
  events: readonly AuditEvent[],
): Extended {
  let head = chain.head
  const chained = events.map((event) => {
    const sequence = head.sequence + 1
    head = { sequence, mac: eventMac(key, head.mac, sequence, event) }
    return { ...event, link: head }
  })
  return { chain: authenticated(key, { ...chain, head }), events: chained }
}

async function save(stores: Stores, extended: readonly Extended[]): Promise<readonly AuditChain[]> {
  const chains = extended.map(({ chain }) => chain)
  await stores.audit.insert(extended.flatMap(({ events }) => events))
  await stores.auditChains.save(chains)
  return chains
}

interface Found {
  readonly id: string
  readonly chain: AuditChain | undefined
  readonly key: ChainKey
  readonly isHeadDoubted: boolean
}

/**
 * A record that was altered must not be authenticated anew as if nothing had happened: the chain goes on behind whatever
 * is there, and says for good from where.
 */
async function trustworthy(
  { log }: AppendDependencies,
  stores: Stores,
  { chain, id, isHeadDoubted, key }: Found,
): Promise<AuditChain> {
  if (!chain || Buffer.compare(chain.sealedKey, key.sealed) !== 0) throw new KeyReplaced(id)
  const isWhole = isAuthentic(key.key, chain) && chain.head.sequence >= key.lastKnown
  if (isWhole && !isHeadDoubted) return chain
  const last = Math.max(chain.head.sequence, await stores.audit.lastSequence(id))
  if (isWhole && last === chain.head.sequence) return chain
  log.error(
    { workspaceId: id, sequence: last + 1 },
    "the audit was altered in the database; it goes on after a break",
  )
  return { ...chain, head: { ...chain.head, sequence: last }, brokenAt: chain.brokenAt ?? last + 1 }
}
