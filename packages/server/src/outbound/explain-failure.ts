/** Turns what the HTTP client throws into our own kinds. */
import { OutboundError } from "./outbound-error.ts"

export function explainFailure(error: unknown, host: string, maybeSent: boolean): unknown {
  if (error instanceof OutboundError) return error
  const cause = error
  const code = codeOf(error)
  // A request that cannot be written, e.g. a header with a line break: the caller's mistake, nothing was sent.
  if (code === "UND_ERR_INVALID_ARG") return error
  if (code === "UND_ERR_HEADERS_OVERFLOW") {
    return new OutboundError("too_large", `${host} answered with too large a header`, { maybeSent, cause })
  }
  if (code.startsWith("ERR_SSL"))
    return new OutboundError("tls", `TLS with ${host} failed: ${code}`, { maybeSent, cause })
  if (code === "UND_ERR_SOCKET" || isSystemError(error)) {
    return new OutboundError("unreachable", `${host} closed the connection: ${code}`, { maybeSent, cause })
  }
  return new OutboundError("bad_answer", `${host} did not answer in valid HTTP: ${code}`, {
    maybeSent,
    cause,
  })
}

function isSystemError(error: unknown): boolean {
  return error instanceof Error && "syscall" in error
}

function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error && typeof error.code === "string"
    ? error.code
    : "unknown error"
}
