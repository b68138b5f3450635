/** Which errors of PostgreSQL mean that the database is away, and what became of the statement. */
import { type FailureOutcome, StorageUnavailable } from "../storage.ts"

/** What a connection was doing when the error came. */
export type Doing = "read" | "write" | "statement_in_transaction" | "begin" | "commit" | "rollback"

export interface Trouble {
  readonly error: StorageUnavailable
  /** The connection must not be used again. */
  readonly connectionLost: boolean
}

// PostgreSQL manual, appendix A. Those where the server says that it gave the statement up and goes on.
const GIVEN_UP = new Set([
  "40001", // serialization_failure
  "40P01", // deadlock_detected
  "53100", // disk_full
  "53200", // out_of_memory
  "55P03", // lock_not_available
  "57014", // query_canceled: statement_timeout
])

// A server that became a standby: a new connection may reach the new primary.
const READ_ONLY = "25006"

function sqlState(error: unknown): string | undefined {
  if (!(error instanceof Error && "code" in error && typeof error.code === "string")) return undefined
  // Codes of the operating system, e.g. ECONNRESET, are longer or carry other letters.
  return /^[0-9A-Z]{5}$/.test(error.code) && "severity" in error ? error.code : undefined
}

/** Statements in a transaction are undone with it; only its commit, or a write of its own, can be in doubt. */
function outcomeWhenLost(doing: Doing, error: unknown): FailureOutcome {
  // The driver's word that it did not even send the statement.
  if (error instanceof Error && error.message.endsWith("is not queryable")) return "not_applied"
  return doing === "write" || doing === "commit" ? "unknown" : "not_applied"
}

function unavailable(outcome: FailureOutcome, cause: unknown): StorageUnavailable {
  return new StorageUnavailable("The database does not answer", { outcome, cause })
}

/** Class 08: connection; 57P: the server is going away; 25P03: it has ended a session that was idle in a transaction. */
function saysConnectionLost(state: string): boolean {
  return state.startsWith("08") || state.startsWith("57P") || state === "25P03"
}

/** @returns undefined when the error is the statement's own, e.g. a broken constraint */
export function troubleOfStatement(error: unknown, doing: Doing): Trouble | undefined {
  const state = sqlState(error)
  if (state === READ_ONLY) return { error: unavailable("not_applied", error), connectionLost: true }
  if (state !== undefined && GIVEN_UP.has(state)) {
    return { error: unavailable("not_applied", error), connectionLost: false }
  }
  if (state !== undefined && !saysConnectionLost(state)) return undefined
  // A value that the driver cannot send is a defect of the caller. What else has no state is the network's trouble.
  if (error instanceof TypeError || error instanceof RangeError) return undefined
  return { error: unavailable(outcomeWhenLost(doing, error), error), connectionLost: true }
}

export function troubleOfConnecting(error: unknown): StorageUnavailable {
  const reason = error instanceof Error ? error.message : String(error)
  return new StorageUnavailable(`The database cannot be reached: ${reason}`, {
    outcome: "not_applied",
    cause: error,
  })
}
