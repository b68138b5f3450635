/** How many data keys there are, and how far the ones in use are used up. */
import type { KeyRecords } from "../storage/open-key-records.ts"
import { defaultKeyringLimits } from "../vault/keyring-limits.ts"
import type { Finding } from "./finding.ts"

export async function inspectDataKeys({ dataKeys }: Pick<KeyRecords, "dataKeys">): Promise<Finding> {
  const { keys, mostSealsReserved, workspaces } = await dataKeys.use()
  const percent = ((100 * mostSealsReserved) / defaultKeyringLimits.maxSeals).toFixed(2)
  const detail =
    keys === 0
      ? "none yet"
      : `${keys} in ${workspaces} workspaces; of those in use none has used more than ${percent} % of its seals`
  return { check: "data keys", status: "ok", detail }
}
