/** Whether a workspace's audit is what was written: every event from the beginning of the record to its head. */
import type { KeyObject } from "node:crypto"
import type { Stores } from "../../storage/storage.ts"
import type { AuditChain, ChainLink } from "../../storage/stores/audit-chains.ts"
import { CredentialUnreadable, type Vault } from "../../vault/vault.ts"
import { openChainKey } from "./chain-keys.ts"
import type { Break } from "./judge-break.ts"
import { isAuthentic } from "./macs.ts"
import { type Walk, walkChain } from "./walk-chain.ts"

export interface ChainReport {
  readonly workspaceId: string
  readonly status: "intact" | "broken" | "more"
  /** Events that this call has checked. */
  readonly checked: number
  /** The number of the first event on record; what came before it was removed by retention. */
  readonly beginsAt: number
  /** null: there is no chain, or it cannot be read. */
  readonly head: ChainLink | null
  /** Events that are older than the chain: nothing is known of them. */
  readonly unchained: number
  readonly problem: Break | null
  /** With `more`: where to go on. */
  readonly next: ChainLink | null
}

export interface VerifyDependencies {
  readonly storage: Pick<Stores, "audit" | "auditChains">
  readonly vault: Pick<Vault, "open">
}

export type VerifyOptions = Pick<Walk, "after" | "maxEvents" | "noted">

/** @throws StorageUnavailable */
export async function verifyChain(
  deps: VerifyDependencies,
  workspaceId: string,
  options: VerifyOptions = {},
): Promise<ChainReport> {
  const chain = await deps.storage.auditChains.find(workspaceId)
  const unchained = await deps.storage.audit.countUnchained(workspaceId)
  const about = { ...nothing, workspaceId, unchained }
  if (!chain) return judged(about, await problemWithoutChain(deps, workspaceId, options))
  const begun = { ...about, beginsAt: chain.base.sequence + 1, head: chain.head }
  const key = await readableKey(deps, chain)
  if (!key) return judged(begun, { sequence: begun.beginsAt, what: "key_unreadable" })
  const { checked, next, problem } = await walkChain(deps.storage, { ...options, chain, key })
  const report = { ...begun, checked }
  if (problem || next) return { ...judged(report, problem), ...(next && { status: "more", next }) }
  const ofRecord = problemOfRecord(key, chain, unchained)
  return judged(report, ofRecord ?? (await problemBehind(deps, workspaceId)))
}

const nothing = { checked: 0, beginsAt: 1, head: null, next: null }

function judged(about: Omit<ChainReport, "problem" | "status">, problem: Break | null): ChainReport {
  return { ...about, problem, status: problem ? "broken" : "intact" }
}

async function problemWithoutChain(
  { storage }: VerifyDependencies,
  workspaceId: string,
  { noted }: VerifyOptions,
): Promise<Break | null> {
  if ((await storage.audit.lastSequence(workspaceId)) > 0) return { sequence: 1, what: "record_changed" }
  return noted ? { sequence: 1, what: "cut_at_end" } : null
}

async function readableKey({ vault }: VerifyDependencies, chain: AuditChain): Promise<KeyObject | undefined> {
  try {
    return await openChainKey(vault, chain)
  } catch (error) {
    if (error instanceof CredentialUnreadable) return undefined
    throw error
  }
}

function problemOfRecord(key: KeyObject, chain: AuditChain, unchained: number): Break | null {
  if (chain.brokenAt !== null) return { sequence: chain.brokenAt, what: "record_changed" }
  if (!isAuthentic(key, chain)) return { sequence: chain.head.sequence + 1, what: "record_changed" }
  // Retention takes some of them away; nothing adds to them.
  return unchained > chain.unchained ? { sequence: 0, what: "inserted" } : null
}

/** Events behind the head, unless they were appended meanwhile, which moves the head with them. */
async function problemBehind({ storage }: VerifyDependencies, workspaceId: string): Promise<Break | null> {
  const last = await storage.audit.lastSequence(workspaceId)
  const head = (await storage.auditChains.find(workspaceId))?.head.sequence ?? 0
  return last > head ? { sequence: head + 1, what: "inserted" } : null
}
