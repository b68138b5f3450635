/**
 * Circuit breakers: a provider that fails for one connection after the other is left alone for a while, then tried by
 * one call. In memory, one set for each process; the time is an argument.
 */
import type { ProviderTrouble } from "../storage/stores/connections.ts"
import type { RefreshTroubleKind } from "./backoff.ts"

/** What a call came to, as far as the provider or the OAuth client is concerned. */
export interface CallOutcome {
  readonly connectionId: string
  readonly kind: "ok" | RefreshTroubleKind
  readonly trouble: ProviderTrouble | null
  readonly retryAfterMs: number | null
}

export interface Pass {
  /** To be called whatever came of it: without a recorded outcome the next one may try. */
  end(): void
}

/** No call is made now. */
export interface Refusal {
  readonly openUntil: number
  readonly trouble: ProviderTrouble
}

export type CircuitState = "closed" | "half_open" | "open"

export interface Circuits {
  /** Asks to make one call. While a circuit is half open, one at a time may. */
  enter(key: string, now: number): Pass | Refusal
  record(key: string, outcome: CallOutcome, now: number): void
  /** How many calls may begin ahead of time: one to probe, none while the provider asks for a pause. */
  allowance(key: string, now: number): number
  /** The reason is gone, as somebody who knows says. */
  reset(key: string): void
  /** Those that are not closed. */
  states(now: number): ReadonlyMap<string, CircuitState>
}

interface Circuit {
  /** Connections that failed since the last good call. */
  readonly failed: Set<string>
  openUntil: number | null
  pauseMs: number
  probing: boolean
  trouble: ProviderTrouble | null
  /** A pause that the provider asked for; only what is done ahead of time keeps it for all connections. */
  notAheadBefore: number
}

/** Different connections: one that is broken by itself says nothing about the provider. */
const failuresToOpen = 5
const firstPauseMs = 5_000
const longestPauseMs = 60_000
/** A pause of hours is kept by the connection that it was told to. */
const longestAheadPauseMs = 5 * 60_000

export function createCircuits(): Circuits {
  const circuits = new Map<string, Circuit>()

  function stateOf(key: string, now: number): CircuitState {
    const openUntil = circuits.get(key)?.openUntil ?? null
    if (openUntil === null) return "closed"
    return now < openUntil ? "open" : "half_open"
  }

  return {
    enter(key, now) {
      const circuit = circuits.get(key)
      const state = stateOf(key, now)
      if (!circuit || circuit.trouble === null || state === "closed") return { end: () => undefined }
      if (state === "open" || circuit.probing)
        return { openUntil: Math.max(circuit.openUntil ?? now, now + 1_000), trouble: circuit.trouble }
      circuit.probing = true
      return { end: () => void (circuit.probing = false) }
    },

    record(key, outcome, now) {
      if (outcome.kind === "not_asked") return
      if (!isFailure(outcome.kind)) return void circuits.delete(key)
      const circuit = circuits.get(key) ?? newCircuit()
      circuits.set(key, circuit)
      noteFailure(circuit, outcome, now)
    },

    allowance(key, now) {
      const circuit = circuits.get(key)
      if (!circuit) return Infinity
      if (now < circuit.notAheadBefore) return 0
      const state = stateOf(key, now)
      if (state === "closed") return Infinity
      return state === "half_open" && !circuit.probing ? 1 : 0
    },

    reset: (key) => void circuits.delete(key),

    states(now) {
      const states = [...circuits.keys()].map((key) => [key, stateOf(key, now)] as const)
      return new Map(states.filter(([, state]) => state !== "closed"))
    },
  }
}

function newCircuit(): Circuit {
  return {
    failed: new Set(),
    openUntil: null,
    pauseMs: firstPauseMs,
    probing: false,
    trouble: null,
    notAheadBefore: 0,
  }
}

/** The provider's word about one grant shows that the provider works. */
function isFailure(kind: CallOutcome["kind"]): boolean {
  return (
    kind === "transient" || kind === "malformed" || kind === "rate_limited" || kind === "client_misconfigured"
  )
}

function noteFailure(circuit: Circuit, outcome: CallOutcome, now: number): void {
  circuit.trouble = outcome.trouble
  if (outcome.retryAfterMs !== null)
    circuit.notAheadBefore = now + Math.min(outcome.retryAfterMs, longestAheadPauseMs)
  if (circuit.failed.size < failuresToOpen) circuit.failed.add(outcome.connectionId)
  if (circuit.failed.size < failuresToOpen) return
  // Calls that were under way when it opened say nothing new.
  if (circuit.openUntil !== null && now < circuit.openUntil) return
  if (circuit.openUntil !== null) circuit.pauseMs = Math.min(circuit.pauseMs * 2, longestPauseMs)
  circuit.openUntil = now + circuit.pauseMs
}
