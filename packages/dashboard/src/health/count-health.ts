import type { WorkspaceHealth } from "@grantry/sdk/wire"

export interface TypeHealth {
  readonly type: string
  readonly working: number
  readonly troubled: number
  readonly expired: number
}

export interface TypeDue {
  readonly type: string
  readonly due: number
  /** ISO 8601: since when the longest due has been. */
  readonly oldest: string
}

export interface Totals {
  readonly connected: number
  readonly troubled: number
  readonly expired: number
  readonly due: number
  readonly refreshed: number
}

/** One line per type; what was disconnected is over and counts nowhere. */
export function byType({ connections }: WorkspaceHealth): readonly TypeHealth[] {
  const lines = new Map<string, TypeHealth>()
  for (const { connections: count, integration_type: type, status, with_trouble: troubled } of connections) {
    if (status === "disconnected") continue
    const line = lines.get(type) ?? { type, working: 0, troubled: 0, expired: 0 }
    lines.set(
      type,
      status === "expired"
        ? { ...line, expired: line.expired + count }
        : { ...line, working: line.working + count - troubled, troubled: line.troubled + troubled },
    )
  }
  return [...lines.values()].sort((a, b) => bad(b) - bad(a) || total(b) - total(a))
}

/** Only active connections can be due, so that each type has at most one line. */
export function dueByType({ connections }: WorkspaceHealth): readonly TypeDue[] {
  return connections
    .flatMap(({ due_now: due, integration_type: type, oldest_due_at: oldest }) =>
      due > 0 && oldest !== null ? [{ type, due, oldest }] : [],
    )
    .sort((a, b) => Date.parse(a.oldest) - Date.parse(b.oldest))
}

export function totals(health: WorkspaceHealth): Totals {
  const lines = byType(health)
  const live = health.connections.filter(({ status }) => status !== "disconnected")
  return {
    connected: sum(lines.map(({ troubled, working }) => troubled + working)),
    troubled: sum(lines.map(({ troubled }) => troubled)),
    expired: sum(lines.map(({ expired }) => expired)),
    due: sum(live.map(({ due_now: due }) => due)),
    refreshed: sum(live.map(({ refreshed_last_hour: refreshed }) => refreshed)),
  }
}

export function total({ expired, troubled, working }: TypeHealth): number {
  return expired + troubled + working
}

function bad({ expired, troubled }: TypeHealth): number {
  return expired + troubled
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((all, one) => all + one, 0)
}
