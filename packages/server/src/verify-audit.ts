/** `grantry audit verify` and `grantry audit head`: on the server's own machine, while it may be serving. */
import { createReadStream } from "node:fs"
import { createInterface } from "node:readline"
import type { KeyObject } from "node:crypto"
import type { Environment, Flags } from "./config.ts"
import { openChainKey } from "./events/audit-chain/chain-keys.ts"
import { type ChainReport, type VerifyOptions, verifyChain } from "./events/audit-chain/verify-chain.ts"
import { type FileReport, verifyLines } from "./events/audit-export/verify-lines.ts"
import { newId } from "./random.ts"
import type { KeyRecords } from "./storage/open-key-records.ts"
import { createVault, type MasterKeys, testMasterKeys, type Vault } from "./vault/vault.ts"
import { withKeyRecords } from "./with-key-records.ts"

export { linkText, parseLink } from "./events/audit-chain/macs.ts"
export type { ChainReport } from "./events/audit-chain/verify-chain.ts"
export type { FileReport } from "./events/audit-export/verify-lines.ts"

export interface AuditCommand {
  readonly env: Environment
  readonly flags: Flags
}

const workspacesAtOnce = 100

/**
 * @param options.workspaceId only this one; else every one that has an audit
 * @returns undefined where there is no database, or none with audits that are chained
 * @throws ConfigError, MasterKeyMismatch
 */
export async function verifyAudits(
  command: AuditCommand,
  options: Pick<VerifyOptions, "noted"> & { readonly workspaceId?: string | undefined } = {},
): Promise<readonly ChainReport[] | undefined> {
  return withAudits(command, async (records, vault) => {
    const reports: ChainReport[] = []
    for await (const workspaceId of workspacesOf(records, options.workspaceId)) {
      const report = await verifyChain({ storage: records, vault }, workspaceId, options)
      if (report.status !== "intact" || report.head || report.unchained > 0) reports.push(report)
    }
    return reports
  })
}

/** @throws ConfigError, MasterKeyMismatch */
export async function verifyAuditFile(command: AuditCommand, path: string): Promise<FileReport | undefined> {
  return withAudits(command, async (records, vault) => {
    const keys = new Map<string, KeyObject | undefined>()
    const lines = createInterface({ input: createReadStream(path), crlfDelay: Infinity })
    return verifyLines(lines, async (workspaceId) => {
      if (!keys.has(workspaceId)) keys.set(workspaceId, await keyOf(records, vault, workspaceId))
      return keys.get(workspaceId)
    })
  })
}

async function keyOf(records: KeyRecords, vault: Vault, workspaceId: string): Promise<KeyObject | undefined> {
  const chain = await records.auditChains.find(workspaceId)
  return chain && openChainKey(vault, chain)
}

async function* workspacesOf({ auditChains }: KeyRecords, only: string | undefined): AsyncGenerator<string> {
  if (only !== undefined) {
    yield only
    return
  }
  let page: readonly string[] = []
  do {
    page = await auditChains.listWorkspaces(page.at(-1) ?? "", workspacesAtOnce)
    yield* page
  } while (page.length === workspacesAtOnce)
}

async function withAudits<T>(
  command: AuditCommand,
  work: (records: KeyRecords, vault: Vault) => Promise<T>,
): Promise<T | undefined> {
  return withKeyRecords(command, async (masterKeys, records) => {
    if (!(await hasChains(records))) return undefined
    await testMasterKeys(masterKeys, records.meta)
    return work(records, vaultOver(masterKeys, records))
  })
}

/** Tables are made by the server's own start. */
async function hasChains({ auditChains }: KeyRecords): Promise<boolean> {
  try {
    await auditChains.find("")
    return true
  } catch (error) {
    if (error instanceof Error && /no such table|does not exist/.test(error.message)) return false
    throw error
  }
}

function vaultOver(masterKeys: MasterKeys, { dataKeys }: KeyRecords): Vault {
  return createVault({ masterKeys, dataKeys, newId: () => newId("dk"), now: () => Date.now() })
}
