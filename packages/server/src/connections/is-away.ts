import { StorageUnavailable } from "../storage/storage.ts"
import { MasterKeyUnavailable } from "../vault/vault.ts"

/** Whether our database or our key service does not answer just now: nothing was decided, and trying again is right. */
export function isAway(error: unknown): boolean {
  return error instanceof StorageUnavailable || error instanceof MasterKeyUnavailable
}
