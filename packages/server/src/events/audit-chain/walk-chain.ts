/** Goes along a chain from link to link, as far as each event follows the one before. */
import type { KeyObject } from "node:crypto"
import { setImmediate as requestsThatWait } from "node:timers/promises"
import type { Stores } from "../../storage/storage.ts"
import type { AuditChain, ChainLink } from "../../storage/stores/audit-chains.ts"
import type { ChainedAuditEvent } from "../../storage/stores/audit-events.ts"
import { type Break, follows, judgeBreak } from "./judge-break.ts"
import { sameMac } from "./macs.ts"

const pageSize = 1_000

type Storage = Pick<Stores, "audit" | "auditChains">

export interface Walk {
  readonly key: KeyObject
  readonly chain: AuditChain
  /** A link that was noted down before: it must be in the chain. */
  readonly noted?: ChainLink | undefined
  /** Goes on behind this one, up to which all was well. */
  readonly after?: ChainLink | undefined
  /** Checks at most about so many events; all unless told. */
  readonly maxEvents?: number | undefined
}

export interface Walked {
  readonly checked: number
  readonly problem: Break | null
  /** Where to go on: there were more events than asked for. */
  readonly next: ChainLink | null
}

export async function walkChain(storage: Storage, walk: Walk): Promise<Walked> {
  const { after, chain, key, maxEvents = Infinity, noted } = walk
  const start = after && after.sequence > chain.base.sequence ? after : chain.base
  const impossible = noted && problemOfNote(noted, chain, start, after !== undefined)
  if (impossible) return { checked: 0, problem: impossible, next: null }
  let end = start
  let checked = 0
  while (end.sequence < chain.head.sequence) {
    if (checked >= maxEvents) return { checked, problem: null, next: end }
    const limit = Math.min(pageSize, chain.head.sequence - end.sequence)
    const page = await storage.audit.listChain(chain.workspaceId, { after: end.sequence, limit })
    const good = page.slice(0, countGood(key, end, page))
    const other = good.find(({ link }) => noted?.sequence === link.sequence && !sameMac(noted.mac, link.mac))
    if (other)
      return { checked, problem: { sequence: other.link.sequence, what: "head_differs" }, next: null }
    checked += good.length
    end = good.at(-1)?.link ?? end
    await requestsThatWait()
    if (good.length === page.length && good.length > 0) continue
    const moved = await movedBase(storage, chain, end)
    if (!moved) return { checked, problem: await breakBehind(storage, walk, end), next: null }
    if (noted && noted.sequence > end.sequence && noted.sequence < moved.sequence)
      return { checked, problem: { sequence: noted.sequence, what: "head_removed" }, next: null }
    end = moved
  }
  return { checked, problem: endOf(chain, end), next: null }
}

function problemOfNote(
  noted: ChainLink,
  { head }: AuditChain,
  start: ChainLink,
  isContinued: boolean,
): Break | undefined {
  const { sequence } = noted
  if (sequence > head.sequence) return { sequence: head.sequence + 1, what: "cut_at_end" }
  if (sequence < start.sequence) return isContinued ? undefined : { sequence, what: "head_removed" }
  if (sequence === start.sequence && !sameMac(noted.mac, start.mac)) return { sequence, what: "head_differs" }
  return undefined
}

/** How many of these follow each other, the first following `from`. */
export function countGood(key: KeyObject, from: ChainLink, page: readonly ChainedAuditEvent[]): number {
  let previous = from
  for (const [index, event] of page.entries()) {
    const sequence = previous.sequence + 1
    if (event.link.sequence !== sequence || !follows(key, previous.mac, sequence, event)) return index
    previous = event.link
  }
  return page.length
}

/** Retention may have removed what was about to be read. */
async function movedBase(
  { auditChains }: Storage,
  chain: AuditChain,
  end: ChainLink,
): Promise<ChainLink | undefined> {
  const now = await auditChains.find(chain.workspaceId)
  return now && now.base.sequence > Math.max(end.sequence, chain.base.sequence) ? now.base : undefined
}

async function breakBehind({ audit }: Storage, { chain, key }: Walk, end: ChainLink): Promise<Break> {
  const sequence = end.sequence + 1
  const rest = await audit.listChain(chain.workspaceId, { after: end.sequence, limit: pageSize })
  if (rest.length === 0) return { sequence, what: "cut_at_end" }
  const what = judgeBreak(key, end, rest)
  const isStart = end.sequence === chain.base.sequence
  return { sequence, what: what === "missing" && isStart ? "cut_at_start" : what }
}

function endOf({ head }: AuditChain, end: ChainLink): Break | null {
  // Retention has gone past the head that was read at the start.
  if (end.sequence > head.sequence || sameMac(head.mac, end.mac)) return null
  return { sequence: head.sequence, what: "record_changed" }
}
