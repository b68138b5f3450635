/** What the load generator is told and what it reports. */
export interface GeneratorInput {
  readonly requests: readonly string[]
  /** That an answer may have. */
  readonly statuses: readonly number[]
}

export interface Target {
  readonly port: number
  readonly connections: number
  readonly durationMs: number
}

/** `saturate`: each connection sends its next request when it has the answer. `rate`: requests start at fixed times. */
export type Order =
  | { readonly kind: "saturate"; readonly target: Target }
  | { readonly kind: "rate"; readonly target: Target; readonly perSecond: number }

export interface Outcome {
  readonly answers: number
  readonly elapsedMs: number
  /** Of one core, 0 to 1. */
  readonly generatorCpu: number
  /** From the time at which a request should have started; empty when saturating. */
  readonly latenciesMs: readonly number[]
}

export type Report = { readonly outcome: Outcome } | { readonly failure: string }
