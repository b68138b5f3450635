/**
 * What a translation may do: pure, synchronous functions between a provider's wire format and RFC 6749. A dialect
 * never sends anything; where a provider needs a second exchange it describes the request and the engine sends it.
 */
import type { Template } from "./define.ts"
import { isJsonObject } from "./json.ts"

/** A request as it goes over the wire. */
export interface WireRequest {
  readonly method: "GET" | "POST" | "DELETE"
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body:
    | { readonly kind: "form"; readonly fields: Readonly<Record<string, string>> }
    | { readonly kind: "json"; readonly value: Readonly<Record<string, unknown>> }
    | null
}

/** An answer as it came: header names in lower case; a body of parsed JSON (form-encoded text already read), else text. */
export interface WireAnswer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: unknown
}

/** Which grant a token request is for. */
export type TokenPhase = "exchange" | "refresh"

/** What a dialect may look at besides the message itself. */
export interface DialectContext {
  readonly phase: TokenPhase
  readonly clientId: string
  readonly clientSecret: string
  readonly redirectUri: string
  readonly scopes: readonly string[]
  /** The connection's config values. */
  readonly config: Readonly<Record<string, string>>
}

/** Where a provider leaves the standard. Every member is optional: what is absent follows the data. */
export interface Dialect {
  /**
   * Another address for one of the entry's URL templates, where it depends on the config values (the API of a
   * self-hosted GitHub); it is filled and judged like the entry's own.
   */
  readonly endpointTemplate?: (template: Template, config: Readonly<Record<string, string>>) => Template
  /** Bends the parameters of the authorization request (RFC 6749 section 4.1.1). */
  readonly authorizationParams?: (
    params: Readonly<Record<string, string>>,
    context: Omit<DialectContext, "phase" | "clientSecret">,
  ) => Readonly<Record<string, string>>
  /**
   * For callbacks whose parameters anybody could have written: puts what the provider signed in their place, before
   * `callbackParams` sees them. null: nothing signed proves them, and the callback is refused.
   */
  readonly provenCallback?: (
    params: Readonly<Record<string, string>>,
    proof: CallbackProof,
  ) => Readonly<Record<string, string>> | null
  /** Renames the callback's parameters to those of RFC 6749 section 4.1.2. */
  readonly callbackParams?: (params: Readonly<Record<string, string>>) => Readonly<Record<string, string>>
  /** Bends the token request after the data has been applied. */
  readonly tokenRequest?: (request: WireRequest, context: DialectContext) => WireRequest
  /**
   * Turns the provider's answer into one that the entry's paths and refusal rules can read. The request is there for
   * providers whose durable credential is something that was sent (Wix' instance id); null in samples that have none.
   */
  readonly tokenAnswer?: (answer: WireAnswer, phase: TokenPhase, request: WireRequest | null) => WireAnswer
  /**
   * A further request that must follow a successful exchange (Instagram's long-lived token). Its answer is laid over the
   * first, so that what only the first says (scopes, ids) is kept; its refusal is the refusal of the exchange.
   */
  readonly secondExchange?: (answer: WireAnswer, context: DialectContext) => WireRequest | null
  /** Bends the revocation request after the data has been applied. */
  readonly revocationRequest?: (request: WireRequest, context: RevocationContext) => WireRequest
}

/** What the engine knows and a dialect does not. */
export interface CallbackProof {
  /**
   * The payload of `<signature>.<payload>`, both base64url: JSON, with an HMAC-SHA256 under the client's secret over the
   * payload as it was sent; null when the signature is not valid.
   */
  readonly signedBySecret: (text: string) => Readonly<Record<string, unknown>> | null
  readonly nowMs: number
}

/** What a dialect may look at when a token is revoked. */
export type RevocationContext = Pick<DialectContext, "clientId" | "clientSecret" | "config">

/**
 * The answer to an exchange with the answer to its second exchange laid over it; a second one that is no success, or
 * no JSON object, stands alone.
 */
export function laidOver(first: WireAnswer, second: WireAnswer): WireAnswer {
  if (second.status < 200 || second.status > 299) return second
  if (!isJsonObject(first.body) || !isJsonObject(second.body)) return second
  return { ...second, body: { ...first.body, ...second.body } }
}
