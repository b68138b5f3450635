/**
 * A backup that was restored while the original still runs holds the same refresh tokens: whichever of the two refreshes
 * first ends the other's grants. So a database that is found to be a copy serves what lives, and refreshes and revokes
 * nothing until an operator says that it is the only one.
 */
import type { QuarantineMode } from "../config.ts"
import type { Storage } from "./storage.ts"

export interface Quarantine {
  readonly active: boolean
  /** One sentence for the operator; null: there is none. */
  readonly reason: string | null
}

const key = "database_home"
const none: Quarantine = { active: false, reason: null }

/** With `off` this database is the one from now on. */
export async function judgeQuarantine(
  storage: Pick<Storage, "fingerprint" | "meta">,
  mode: QuarantineMode,
): Promise<Quarantine> {
  const fingerprint = await storage.fingerprint()
  if (mode === "off") {
    await storage.meta.put(key, fingerprint)
    return none
  }
  // The first start of a database, or of a program that knows of homes.
  const home = await storage.meta.putIfAbsent(key, fingerprint)
  if (mode === "on") return { active: true, reason: "GRANTRY_QUARANTINE is on." }
  if (home === fingerprint) return none
  return {
    active: true,
    reason:
      "This database is a copy: it was written elsewhere. If the original no longer runs, start once with " +
      "GRANTRY_QUARANTINE=off.",
  }
}
