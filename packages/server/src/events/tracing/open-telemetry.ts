/**
 * Traces to the operator's own collector, by OTLP over HTTP. Loaded only when one is configured. The exporter makes
 * requests of its own, outside of `outbound/`: they go to the configured address and nowhere else, and follow no redirect.
 */
import { AsyncLocalStorage } from "node:async_hooks"
import {
  type Context,
  isSpanContextValid,
  ROOT_CONTEXT,
  type Span,
  SpanKind as Kind,
  SpanStatusCode,
  trace,
  TraceFlags,
  type Tracer,
} from "@opentelemetry/api"
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-http"
import { resourceFromAttributes } from "@opentelemetry/resources"
import { BatchSpanProcessor, TracerProvider } from "@opentelemetry/sdk-trace"
import { version } from "../../version.ts"
import type { OpenSpan, SpanKind, SpanStart, Tracing } from "./tracing.ts"

export interface TracingOptions {
  /** Base address of the collector; spans go to `<endpoint>/v1/traces`. */
  readonly endpoint: string
  readonly headers: Readonly<Record<string, string>>
  readonly serviceName: string
}

const kinds: Readonly<Record<SpanKind, Kind>> = {
  internal: Kind.INTERNAL,
  server: Kind.SERVER,
  client: Kind.CLIENT,
}
const closeWithinMs = 5_000

export function createTracing({ endpoint, headers, serviceName }: TracingOptions): Tracing {
  const exporter = new OTLPTraceExporter({
    url: `${endpoint.replace(/\/+$/, "")}/v1/traces`,
    headers: { ...headers },
    timeoutMillis: closeWithinMs,
  })
  const provider = new TracerProvider({
    resource: resourceFromAttributes({ "service.name": serviceName, "service.version": version }),
    spanProcessors: [new BatchSpanProcessor({ exporter })],
  })
  const tracer = provider.getTracer("grantry", version)
  // One of its own instead of the process-wide one: a program that embeds the server may trace for itself.
  const active = new AsyncLocalStorage<Context>()
  return {
    open: (start) => openSpan(tracer, active, start),
    logFields() {
      const context = active.getStore()
      const ids = context && trace.getSpanContext(context)
      return ids ? { trace_id: ids.traceId, span_id: ids.spanId } : {}
    },
    close: () => provider.shutdown(),
  }
}

function openSpan(tracer: Tracer, active: AsyncLocalStorage<Context>, start: SpanStart): OpenSpan {
  const { attributes = {}, kind = "internal", name, traceparent } = start
  const parent = active.getStore() ?? remoteParent(traceparent)
  const span = tracer.startSpan(name, { kind: kinds[kind], attributes: { ...attributes } }, parent)
  const context = trace.setSpan(parent, span)
  return {
    within: (work) => active.run(context, work),
    set: (more) => void span.setAttributes({ ...more }),
    fail: (error) => failSpan(span, error),
    end: () => span.end(),
  }
}

function failSpan(span: Span, error: string): void {
  span.setAttribute("error.type", error)
  span.setStatus({ code: SpanStatusCode.ERROR })
}

/** W3C Trace Context, section 3.2: version, trace id, parent id, flags. */
function remoteParent(traceparent: string | undefined): Context {
  const [, traceId, spanId, flags] =
    /^00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$/.exec(traceparent ?? "") ?? []
  if (traceId === undefined || spanId === undefined || flags === undefined) return ROOT_CONTEXT
  const traceFlags = Number.parseInt(flags, 16) & TraceFlags.SAMPLED
  const ids = { traceId, spanId, traceFlags, isRemote: true }
  return isSpanContextValid(ids) ? trace.setSpanContext(ROOT_CONTEXT, ids) : ROOT_CONTEXT
}
