/** What must hold whatever went wrong. */
import { expect } from "vitest"
import { call } from "../harness/api.ts"
import type { FaultWorld } from "../harness/fault-world.ts"
import { openRaw } from "../security/raw-database.ts"

export interface Scenario {
  /** Refresh tokens that had to be presented twice, because the scenario destroyed the first answer. */
  readonly presentedAgain?: number
  /** Two calls at once, because a replica slept through the end of its lease. */
  readonly overlaps?: number
  /** Tokens that live at the provider and in no row, because the answer that held them was destroyed. */
  readonly destroyedAnswers?: number
  /** Replicas that are meant to be gone. */
  readonly gone?: readonly unknown[]
  /** A thousand callers who wait at once are held in memory. */
  readonly mostMemoryMb?: number
}

/** More than any scenario needs, and less than what one huge answer would leave behind. */
const mostMemoryMb = 330

export async function expectInvariants(world: FaultWorld, scenario: Scenario = {}): Promise<void> {
  const { provider } = world
  expect(
    provider.refreshes.filter(({ again }) => again),
    "presented again",
  ).toHaveLength(scenario.presentedAgain ?? 0)
  expect(provider.overlaps, "calls for one grant at once").toHaveLength(scenario.overlaps ?? 0)
  expect(world.deadTokens, "dead tokens that were handed out").toEqual([])
  const stored = new Set(await world.storedRefreshTokens())
  const unknown = provider.liveRefreshTokens().filter((token) => !stored.has(token))
  expect(unknown, "live tokens that no row knows").toHaveLength(scenario.destroyedAnswers ?? 0)
  await expectNoSecrets(world)
  for (const replica of world.replicas) {
    if (scenario.gone?.includes(replica) === true) continue
    expect((await call(replica.url, "GET", "/healthz", { as: null })).status).toBe(200)
    expect(await replica.rssMb(), "megabytes").toBeLessThan(scenario.mostMemoryMb ?? mostMemoryMb)
  }
}

/** Of providers in the sandbox: no refresh token was presented again after it had been spent. */
export async function expectNoReuse(sandbox: string): Promise<void> {
  const { body } = await call<{ requests: readonly SandboxRequest[] }>(
    sandbox,
    "GET",
    "/sandbox/_control/requests",
    { as: null },
  )
  const again = body.requests.filter(
    ({ fault, outcome }) => outcome === "refresh_token_reused" && fault === null,
  )
  expect(again, "presented again").toEqual([])
}

interface SandboxRequest {
  readonly outcome: string
  readonly fault: string | null
}

/** Logs and tables, in whatever form a database shows bytes. */
async function expectNoSecrets(world: FaultWorld): Promise<void> {
  const logs = world.replicas.map((replica) => replica.logged()).join("")
  const dump = await openRaw(world.databaseUrl, (raw) => raw.dump())
  const tables = JSON.stringify(dump, (_, value: unknown) =>
    isBytes(value) ? Buffer.from(value.data).toString("latin1") : value,
  )
  for (const secret of world.provider.secrets) {
    expect(logs.includes(secret), "a token in a log").toBe(false)
    expect(tables.includes(secret), "a token in a table").toBe(false)
  }
}

function isBytes(value: unknown): value is { readonly data: number[] } {
  return typeof value === "object" && value !== null && "type" in value && value.type === "Buffer"
}
