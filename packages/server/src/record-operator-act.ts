/**
 * What an operator's command does stands in the audit of the workspace that it was done to; what it does to the server as
 * a whole, in that of the first owner's.
 */
import { appendEvents } from "./events/audit-chain/append-events.ts"
import { createChainKeys } from "./events/audit-chain/chain-keys.ts"
import { newId, newOrderedId } from "./random.ts"
import type { KeyRecords } from "./storage/open-key-records.ts"
import { createVault, type MasterKeys } from "./vault/vault.ts"
import { readFirstOwner } from "./workspace/bootstrap.ts"

export interface OperatorAct {
  /** undefined: the server as a whole. */
  readonly workspaceId?: string
  readonly action: string
  readonly target: string
  readonly outcome: string
  readonly count: number
}

export async function recordOperatorAct(
  masterKeys: MasterKeys,
  records: KeyRecords,
  { count, ...act }: OperatorAct,
): Promise<void> {
  const workspaceId = act.workspaceId ?? (await readFirstOwner(records))?.workspaceId
  if (workspaceId === undefined) return
  const now = Date.now()
  const vault = createVault({
    masterKeys,
    dataKeys: records.dataKeys,
    newId: () => newId("dk"),
    now: () => now,
  })
  const keys = createChainKeys({ storage: records, vault })
  const event = { ...act, id: newOrderedId("evt", now), workspaceId, actor: "operator" }
  await appendEvents({ storage: records, keys, log: silent }, [
    { ...event, appId: null, count: Math.max(count, 1), at: now, until: now, address: null, requestId: null },
  ])
}

/** A chain that was altered is what `grantry audit verify` reports. */
const silent = { error: () => undefined, info: () => undefined }
