/**
 * Are these the master keys that this database knows? At the first start a check value is stored for the key that
 * encrypts; from then on a start with other keys is refused before anything is written.
 */
import { createHmac } from "node:crypto"
import type { MetaStore } from "../storage/stores/meta.ts"
import type { MasterKey, MasterKeys } from "./master-keys.ts"

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
 * @throws MasterKeyMismatch
 */
export async function verifyMasterKeys(masterKeys: MasterKeys, meta: MetaStore): Promise<void> {
  const { first } = masterKeys
  const ours = JSON.stringify({ [first.id]: checkValue(first) })
  const stored = parseChecks((await meta.get(metaKey)) ?? (await meta.putIfAbsent(metaKey, ours)))
  refuseOthers(masterKeys, stored)
  if (stored[first.id] === undefined) {
    await meta.put(metaKey, JSON.stringify({ ...stored, [first.id]: checkValue(first) }))
  }
}

/**
 * The same question without writing an answer.
 *
 * @throws MasterKeyMismatch
 */
export async function testMasterKeys(masterKeys: MasterKeys, meta: MetaStore): Promise<void> {
  const text = await meta.get(metaKey)
  if (text !== undefined) refuseOthers(masterKeys, parseChecks(text))
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

function refuseOthers(masterKeys: MasterKeys, stored: Checks): void {
  for (const [id, check] of Object.entries(stored)) {
    const key = masterKeys.byId.get(id)
    if (!key) throw missing(id)
    if (checkValue(key) !== check) {
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

/** One way: the key cannot be found from it (the key has 256 random bits). */
function checkValue({ id, key }: MasterKey): string {
  return createHmac("sha256", key).update(`grantry master key check\n${id}`).digest("base64url")
}

function parseChecks(text: string): Checks {
  const value: unknown = JSON.parse(text)
  if (typeof value !== "object" || value === null)
    throw new MasterKeyMismatch(`the stored "${metaKey}" is not readable`)
  return value as Checks
}
