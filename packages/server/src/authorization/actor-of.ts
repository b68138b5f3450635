import type { Attempt } from "../storage/stores/attempts.ts"

/** Who began an attempt, as the audit names them. */
export function actorOf({ ownerId, startedBy }: Pick<Attempt, "ownerId" | "startedBy">): string {
  return startedBy === null ? `app_user:${ownerId}` : `member:${startedBy}`
}
