/** What a token request came to, and the pure rules that decide it. */
import type { ReadAnswer } from "@grantry/catalog"
import type { OutboundError } from "../outbound/outbound.ts"
import { scrubProviderText } from "./provider-text.ts"

/** A grant as the provider handed it out; plaintext, so it lives only until it is sealed. */
export interface IssuedGrant {
  readonly accessToken: string
  /** null: the answer held none; the stored one stays. */
  readonly refreshToken: string | null
  /** Seconds; null: the provider names no time. */
  readonly expiresInS: number | null
  /** null: the answer named none, which means as asked (RFC 6749 section 5.1). */
  readonly scopes: readonly string[] | null
  /** The answer's JSON, for identity and config values. */
  readonly json: unknown
}

export type TroubleKind =
  | "grant_dead"
  | "interaction_required"
  | "client_misconfigured"
  | "rate_limited"
  | "transient"
  | "malformed"

export interface TokenTrouble {
  readonly kind: TroubleKind
  /** The provider's own error code, else ours. */
  readonly code: string
  /** One sentence, the provider's own words scrubbed and cut. */
  readonly message: string
  /** From Retry-After; null when the provider names no time. */
  readonly retryAfterMs: number | null
}

export type TokenOutcome = { readonly kind: "ok"; readonly grant: IssuedGrant } | TokenTrouble

type Refused = Extract<ReadAnswer, { kind: "refused" }>
type Unreadable = Extract<ReadAnswer, { kind: "unreadable" }>

/**
 * Judges an answer that is not a grant. Only the provider's clear word about this grant counts as its death; a 5xx
 * never does, whatever its body says.
 */
export function judgeFailure(answer: Refused | Unreadable, retryAfterMs: number | null): TokenTrouble {
  const kind = failureKind(answer)
  const code = (answer.kind === "refused" ? answer.providerError : null) ?? `http_${answer.status}`
  return { kind, code: scrubProviderText(code, 80), message: failureMessage(answer), retryAfterMs }
}

function failureKind(answer: Refused | Unreadable): TroubleKind {
  if (answer.status === 429) return "rate_limited"
  if (answer.status >= 500) return "transient"
  if (answer.kind === "unreadable") return "malformed"
  switch (answer.refusal) {
    case "invalid_grant":
      return "grant_dead"
    case "interaction_required":
      return "interaction_required"
    case "invalid_client":
    case "unauthorized_client":
      return "client_misconfigured"
    case "rate_limited":
      return "rate_limited"
    case "temporarily_unavailable":
      return "transient"
    case "invalid_request":
    case "invalid_scope":
    case "unsupported_grant_type":
      return "malformed"
    case null:
      return answer.status === 409 ? "transient" : "malformed"
  }
}

function failureMessage(answer: Refused | Unreadable): string {
  if (answer.kind === "unreadable") return `HTTP ${answer.status}: ${answer.reason}`
  const words = [answer.providerError, answer.description].filter((word) => word !== null).join(": ")
  return scrubProviderText(words === "" ? `HTTP ${answer.status} without an error code` : words, 300)
}

/** The request got no answer at all. */
export function judgeOutboundError(error: OutboundError): TokenTrouble {
  return { kind: "transient", code: error.kind, message: error.message, retryAfterMs: null }
}

/** Seconds or an HTTP date (RFC 9110 section 10.2.3); at most an hour, so that a typo does not stop a connection for good. */
export function retryAfterMs(header: string | undefined, now: number): number | null {
  if (header === undefined) return null
  const isSeconds = /^\s*\d+\s*$/.test(header)
  // Date.parse finds a date in nearly anything, "-5" included; every form of an HTTP date begins with the weekday.
  if (!isSeconds && !/^\s*(Mon|Tues?|Wed(nes)?|Thu(rs)?|Fri|Sat(ur)?|Sun)(day)?,? /.test(header)) return null
  const delayMs = isSeconds ? Number(header) * 1000 : Date.parse(header) - now
  if (!Number.isFinite(delayMs)) return null
  return Math.min(Math.max(delayMs, 0), 3_600_000)
}
