export type OutboundErrorKind =
  | "address_refused"
  | "unreachable"
  | "timeout"
  | "too_large"
  | "body_too_large"
  | "tls"
  | "aborted"
  | "bad_answer"

/**
 * No usable answer came. The message names the host at most: paths, queries, headers and bodies may hold secrets.
 */
export class OutboundError extends Error {
  override readonly name = "OutboundError"
  readonly kind: OutboundErrorKind
  /** Whether the request may have reached the peer. */
  readonly maybeSent: boolean

  constructor(
    kind: OutboundErrorKind,
    message: string,
    details: { readonly maybeSent: boolean; readonly cause?: unknown },
  ) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause })
    this.kind = kind
    this.maybeSent = details.maybeSent
  }
}
