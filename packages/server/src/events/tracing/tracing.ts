/**
 * Spans as the rest of the server sees them. Names and attributes hold methods, routes, hosts, types and outcomes: never
 * a query, a body, a token or an id of a tenant.
 */

export type Attributes = Readonly<Record<string, string | number>>
export type SpanKind = "internal" | "server" | "client"

export interface ActiveSpan {
  set(attributes: Attributes): void
  /** @param error a code: error texts may quote what somebody sent */
  fail(error: string): void
}

export interface SpanStart {
  readonly name: string
  readonly kind?: SpanKind
  readonly attributes?: Attributes
  /** The caller's own span, from the header `traceparent` (W3C Trace Context). */
  readonly traceparent?: string | undefined
}

export interface OpenSpan extends ActiveSpan {
  /** Runs work with this span as the parent of those that begin in it. */
  within<T>(work: () => T): T
  end(): void
}

export interface Tracing {
  open(start: SpanStart): OpenSpan
  /** Ids for a log line: none outside of a span. */
  logFields(): { readonly trace_id?: string; readonly span_id?: string }
  /** Sends what is left, for a few seconds at most. */
  close(): Promise<void>
}

/** Work in a span of its own; without tracing, just the work. */
export async function traced<T>(
  tracing: Tracing | null,
  start: SpanStart,
  work: (span: ActiveSpan | null) => Promise<T>,
): Promise<T> {
  if (tracing === null) return work(null)
  const span = tracing.open(start)
  try {
    return await span.within(() => work(span))
  } catch (error) {
    span.fail(codeOf(error))
    throw error
  } finally {
    span.end()
  }
}

function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return "unknown"
  if ("code" in error && typeof error.code === "string") return error.code
  return error.name
}
