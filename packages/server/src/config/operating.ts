/** Settings for whoever runs the server: metrics, traces, the way it stops. */
import { BadValue, type Settings } from "./settings.ts"
import { wholeNumber } from "./parse-value.ts"

export interface TraceSettings {
  readonly endpoint: string
  readonly headers: Readonly<Record<string, string>>
  readonly serviceName: string
}

export interface Operating {
  /** Who may read the metrics; null: in development whoever asks from this machine, in production nobody. */
  readonly metricsToken: string | null
  /** Between telling the load balancer and taking no more requests. */
  readonly stopDelayMs: number
  /** How long audit events are kept; null: for ever. */
  readonly auditRetentionDays: number | null
  /** null: nobody collects traces. */
  readonly traces: TraceSettings | null
}

export function readOperating(settings: Settings): Operating {
  const metricsToken = settings.read<string | null>({
    variable: "GRANTRY_METRICS_TOKEN",
    secret: true,
    fallback: null,
    parse: parseMetricsToken,
  })
  const stopDelayMs = settings.read({
    variable: "GRANTRY_STOP_DELAY_MS",
    fallback: 0,
    parse: wholeNumber(0, 120_000),
  })
  const keptDays = settings.read({
    variable: "GRANTRY_AUDIT_RETENTION_DAYS",
    fallback: 0,
    parse: wholeNumber(0, 36_500),
  })
  const auditRetentionDays = keptDays === 0 ? null : keptDays
  return Object.freeze({ metricsToken, stopDelayMs, auditRetentionDays, traces: readTraces(settings) })
}

/** The names that every program with OpenTelemetry takes. */
function readTraces(settings: Settings): TraceSettings | null {
  const endpoint = settings.read<string | null>({
    variable: "OTEL_EXPORTER_OTLP_ENDPOINT",
    fallback: null,
    parse: parseEndpoint,
  })
  const headers = settings.read({
    variable: "OTEL_EXPORTER_OTLP_HEADERS",
    secret: true,
    fallback: {},
    parse: parseHeaders,
  })
  const serviceName = settings.read({
    variable: "OTEL_SERVICE_NAME",
    fallback: "grantry",
    parse: (text) => text,
  })
  return endpoint === null ? null : Object.freeze({ endpoint, headers, serviceName })
}

function parseMetricsToken(text: string): string {
  if (!/^[\x21-\x7e]{16,512}$/.test(text)) throw new BadValue("16 to 512 printable characters without spaces")
  return text
}

function parseEndpoint(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined
  const isPlain =
    url && /^https?:$/.test(url.protocol) && url.username === "" && url.search === "" && url.hash === ""
  if (!isPlain)
    throw new BadValue('the address of an OTLP collector over HTTP, e.g. "http://otel-collector:4318"')
  return text
}

function parseHeaders(text: string): Readonly<Record<string, string>> {
  const pairs = text.split(",").map((pair) => /^\s*([A-Za-z0-9-]+)=(.*)$/.exec(pair))
  return Object.fromEntries(
    pairs.map((pair) => {
      if (!pair) throw new BadValue("a comma list of name=value, values percent-encoded")
      return [pair[1] ?? "", decoded(pair[2] ?? "")]
    }),
  )
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text.trim())
  } catch {
    throw new BadValue("a comma list of name=value, values percent-encoded")
  }
}
