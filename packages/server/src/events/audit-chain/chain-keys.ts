/** The keys that authenticate workspaces' audits: made with the first event, kept sealed, opened once per process. */
import type { KeyObject } from "node:crypto"
import { newSecret } from "../../random.ts"
import type { Stores } from "../../storage/storage.ts"
import type { AuditChain } from "../../storage/stores/audit-chains.ts"
import { createBoundedMap } from "../../vault/bounded-map.ts"
import type { SealContext, Vault } from "../../vault/vault.ts"
import { authenticated, macKeyOf, startMac } from "./macs.ts"

const maxInMemory = 10_000

export interface ChainKey {
  readonly key: KeyObject
  readonly sealed: Uint8Array
  /** The newest event that this process knows to be on record: a chain that ends before it was cut. */
  lastKnown: number
}

export interface ChainKeys {
  /** Begins the workspace's chain when it has none: call it before a storage transaction, not inside one. */
  of(workspaceId: string): Promise<ChainKey>
  forget(workspaceId: string): void
}

interface Dependencies {
  readonly storage: Pick<Stores, "audit" | "auditChains">
  readonly vault: Pick<Vault, "open" | "seal">
}

export function createChainKeys(deps: Dependencies): ChainKeys {
  const known = createBoundedMap<ChainKey | undefined>(maxInMemory)
  return {
    async of(workspaceId) {
      const present = known.get(workspaceId)
      if (present) return present
      const chain = (await deps.storage.auditChains.find(workspaceId)) ?? (await begin(deps, workspaceId))
      const key = { key: await openChainKey(deps.vault, chain), sealed: chain.sealedKey, lastKnown: 0 }
      known.set(workspaceId, key)
      return key
    },
    forget: (workspaceId) => known.set(workspaceId, undefined),
  }
}

/** @throws CredentialUnreadable */
export async function openChainKey(
  vault: Pick<Vault, "open">,
  { sealedKey, workspaceId }: Pick<AuditChain, "sealedKey" | "workspaceId">,
): Promise<KeyObject> {
  return macKeyOf(await vault.open(keyContext(workspaceId), sealedKey))
}

/** Two replicas may begin at the same time: both go on with the chain that came first. */
async function begin({ storage, vault }: Dependencies, workspaceId: string): Promise<AuditChain> {
  const { audit, auditChains } = storage
  const secret = newSecret()
  const sealedKey = await vault.seal(keyContext(workspaceId), secret)
  const key = macKeyOf(secret)
  // Events with a number although there is no chain: somebody has deleted its record.
  const last = await audit.lastSequence(workspaceId)
  const start = { sequence: last, mac: startMac(key, workspaceId) }
  await auditChains.begin(
    authenticated(key, {
      workspaceId,
      sealedKey,
      base: start,
      head: start,
      unchained: await audit.countUnchained(workspaceId),
      brokenAt: last === 0 ? null : last + 1,
    }),
  )
  const chain = await auditChains.find(workspaceId)
  if (!chain) throw new Error(`the audit chain just begun for workspace ${workspaceId} is not there`)
  return chain
}

function keyContext(workspaceId: string): SealContext {
  return { workspaceId, record: "audit_chain", recordId: workspaceId, field: "key", bound: [] }
}
