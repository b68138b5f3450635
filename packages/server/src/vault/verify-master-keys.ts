/**
 * Are these the master keys that this database knows? At the first start a check value is stored for the key that
 * encrypts; from then on a start with other keys is refused before anything is written.
 */
import type { MetaStore } from "../storage/stores/meta.ts"
import type { MasterKeys } from "./master-keys.ts"

/** The configured master keys are not the ones that this database was written with. Nothing was changed. */
export class MasterKeyMismatch extends Error {
  override readonly name = "MasterKeyMismatch"
}

/** Check values by master key id: one for each key that may have wrapped a data key. */
type Checks = Readonly<Record<string, string>>

const metaKey = "master_key_checks"

/**
 * Refuses keys that cannot open what is stored; notes a new first key that stands beside a known one.
 *
 * @throws MasterKeyMismatch, MasterKeyUnavailable
 */
export async function verifyMasterKeys(masterKeys: MasterKeys, meta: MetaStore): Promise<void> {
  const { first } = masterKeys
  const stored = parseChecks((await meta.get(metaKey)) ?? (await putFirstCheck(masterKeys, meta)))
  await refuseOthers(masterKeys, stored)
  if (stored[first.id] === undefined) {
    await meta.put(metaKey, JSON.stringify({ ...stored, [first.id]: await first.newCheck() }))
  }
}

async function putFirstCheck({ first }: MasterKeys, meta: MetaStore): Promise<string> {
  return meta.putIfAbsent(metaKey, JSON.stringify({ [first.id]: await first.newCheck() }))
}

/**
 * The same question without writing an answer.
 *
 * @throws MasterKeyMismatch, MasterKeyUnavailable
 */
export async function testMasterKeys(masterKeys: MasterKeys, meta: MetaStore): Promise<void> {
  const text = await meta.get(metaKey)
  if (text !== undefined) await refuseOthers(masterKeys, parseChecks(text))
}

/** Ids of the keys that may have wrapped a data key. */
export async function knownMasterKeyIds(meta: MetaStore): Promise<readonly string[]> {
  const text = await meta.get(metaKey)
  return text === undefined ? [] : Object.keys(parseChecks(text))
}

/** Forgets keys under which nothing is wrapped any more: they may leave the configuration. */
export async function retireMasterKeys(ids: readonly string[], meta: MetaStore): Promise<void> {
  const text = await meta.get(metaKey)
  if (text === undefined) return
  const kept = Object.entries(parseChecks(text)).filter(([id]) => !ids.includes(id))
  await meta.put(metaKey, JSON.stringify(Object.fromEntries(kept)))
}

async function refuseOthers(masterKeys: MasterKeys, stored: Checks): Promise<void> {
  for (const [id, check] of Object.entries(stored)) {
    const key = masterKeys.byId.get(id)
    if (!key) throw missing(id)
    if (!(await key.passes(check))) {
      throw new MasterKeyMismatch(
        `The master key "${id}" in GRANTRY_MASTER_KEY is not the one that this database was written with. Nothing was changed: start again with the original key.`,
      )
    }
  }
}

function missing(id: string): MasterKeyMismatch {
  return new MasterKeyMismatch(
    `This database holds keys wrapped by the master key "${id}", which is not in GRANTRY_MASTER_KEY. Nothing was changed: add it again; to retire it, keep it behind the new first key and run "grantry keys rotate" before taking it out.`,
  )
}

function parseChecks(text: string): Checks {
  const value: unknown = JSON.parse(text)
  if (typeof value !== "object" || value === null)
    throw new MasterKeyMismatch(`the stored "${metaKey}" is not readable`)
  return value as Checks
}
