/** Forgets what is over: sessions, sign-ins that wait for a second step, device codes and tokens, invitations, counts of guesses. */
import type { Services } from "../services.ts"

/** So that a program that comes late is told why. */
const keepMs = 3_600_000

type Dependencies = Pick<Services, "storage" | "clock" | "log">

export async function sweepSignIns({ clock, storage }: Dependencies): Promise<void> {
  const now = clock.now()
  // Sessions are dated by real time.
  await storage.signIns.deleteExpiredSessions(Date.now())
  const over = { field: "expiresAt", operator: "lte", value: Date.now() } as const
  await storage.signIns.remove("verification", [over])
  await storage.openIdAttempts.deleteExpired(now)
  await storage.devices.deleteExpired(now - keepMs)
  await storage.people.deleteExpiredInvitations(now - keepMs)
  await storage.guesses.deleteEnded(now)
}

export function startSignInSweeper(deps: Dependencies, intervalMs: number): { close(): void } {
  const timer = setInterval(() => {
    sweepSignIns(deps).catch((error: unknown) =>
      deps.log.error({ err: error }, "ended sign-ins could not be swept"),
    )
  }, intervalMs)
  timer.unref()
  return { close: () => clearInterval(timer) }
}
