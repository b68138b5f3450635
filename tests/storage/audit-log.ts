/** The audit of a database without a server around it. */
import { randomBytes } from "node:crypto"
import { pino } from "pino"
import { appendEvents } from "../../packages/server/src/events/audit-chain/append-events.ts"
import { createChainKeys } from "../../packages/server/src/events/audit-chain/chain-keys.ts"
import { expireEvents, type Expiry } from "../../packages/server/src/events/audit-chain/expire-events.ts"
import { expireAudits } from "../../packages/server/src/events/audit-chain/retention.ts"
import {
  type ChainReport,
  type VerifyOptions,
  verifyChain,
} from "../../packages/server/src/events/audit-chain/verify-chain.ts"
import { newId } from "../../packages/server/src/random.ts"
import type { Storage } from "../../packages/server/src/storage/storage.ts"
import type { AuditEvent } from "../../packages/server/src/storage/stores/audit-events.ts"
import { createVault, parseMasterKeys, type Vault } from "../../packages/server/src/vault/vault.ts"
import { NOW, uniqueId } from "./fixtures.ts"

export type MasterKeys = ReturnType<typeof parseMasterKeys>

export function newMasterKeys(): MasterKeys {
  return parseMasterKeys(`test:${randomBytes(32).toString("base64")}`)
}

export interface AuditLog {
  append(events: readonly AuditEvent[]): Promise<void>
  verify(workspaceId: string, options?: VerifyOptions): Promise<ChainReport>
  expire(expiry: Expiry): Promise<number>
  /** All workspaces, as the job does. */
  expireAll(now: number, keptDays: number): Promise<number>
  readonly vault: Vault
  /** What was logged as an error. */
  readonly errors: string[]
}

/** As one process has it: give each replica one of its own, with the same keys. */
export function openAuditLog(storage: Storage, masterKeys: MasterKeys): AuditLog {
  const errors: string[] = []
  const vault = createVault({
    masterKeys,
    dataKeys: storage.dataKeys,
    newId: () => newId("dk"),
    now: () => NOW,
  })
  const log = pino({ level: "error" }, { write: (line: string) => void errors.push(line) })
  const chain = { storage, keys: createChainKeys({ storage, vault }), log }
  return {
    append: (events) => appendEvents(chain, events),
    verify: (workspaceId, options) => verifyChain({ storage, vault }, workspaceId, options),
    expire: (expiry) => expireEvents(chain, expiry),
    expireAll: (now, keptDays) => expireAudits({ ...chain, clock: { now: () => now } }, keptDays),
    vault,
    errors,
  }
}

export function auditEvent(workspaceId: string, overrides: Partial<AuditEvent> = {}): AuditEvent {
  const at = overrides.at ?? NOW
  return {
    id: uniqueId("evt"),
    workspaceId,
    appId: null,
    actor: "system",
    action: "token.read",
    target: null,
    outcome: "ok",
    count: 1,
    at,
    until: at,
    address: null,
    requestId: null,
    ...overrides,
  }
}
