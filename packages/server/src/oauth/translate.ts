/**
 * Puts a catalogue entry around fetch: the protocol client writes RFC 6749 requests and reads RFC 6749 answers, and
 * what goes over the wire is the provider's own dialect.
 */
import {
  type ConnectorDefinition,
  type DialectContext,
  laidOver,
  type ReadAnswer,
  readTokenAnswer,
  type TokenPhase,
  type WireAnswer,
  type WireRequest,
} from "@grantry/catalog"
import type { OAuthClient } from "./oauth-client.ts"
import { lowerCased, type ProtocolClient, sendToProvider } from "./protocol-client.ts"

/** What oauth4webapi hands to its fetch for a token request. */
interface StandardRequest {
  readonly body: URLSearchParams
  readonly headers: Record<string, string>
}

export interface TranslatedFetch {
  readonly fetch: (url: string, request: StandardRequest) => Promise<Response>
  /** The last answer, as the catalogue reads it; undefined until one came. */
  readonly seen: { wire: WireAnswer; read: ReadAnswer } | undefined
}

/** @param context what the dialect may look at; its phase says which request this is */
export function translatedFetch(
  protocol: ProtocolClient,
  client: OAuthClient,
  context: DialectContext,
): TranslatedFetch {
  const { definition } = client
  const translation: { fetch: TranslatedFetch["fetch"]; seen: TranslatedFetch["seen"] } = {
    seen: undefined,
    fetch: async (url, standard) => {
      const request = wireRequest(definition, context, url, standard)
      let sent = request
      let wire = await sendToProvider(protocol, client, sent)
      const next = secondExchange(definition, context, wire, sent)
      if (next) {
        sent = next
        wire = laidOver(wire, await sendToProvider(protocol, client, sent))
      }
      const read = readTokenAnswer(definition, context.phase, wire, sent)
      translation.seen = { wire, read }
      return standardAnswer(read, protocol.now())
    },
  }
  return translation
}

function wireRequest(
  definition: ConnectorDefinition,
  context: DialectContext,
  url: string,
  standard: StandardRequest,
): WireRequest {
  const fields = { ...Object.fromEntries(standard.body), ...extraFields(definition, context.phase) }
  const { "content-type": _, ...headers } = lowerCased(standard.headers)
  const request: WireRequest = {
    method: "POST",
    url,
    headers: { ...headers, ...lowerCased(definition.token.headers) },
    body: definition.token.body === "json" ? { kind: "json", value: fields } : { kind: "form", fields },
  }
  return definition.dialect.tokenRequest?.(request, context) ?? request
}

function extraFields(definition: ConnectorDefinition, phase: TokenPhase): Readonly<Record<string, string>> {
  return phase === "exchange" ? definition.token.extraParams : (definition.refresh?.extraParams ?? {})
}

function secondExchange(
  definition: ConnectorDefinition,
  context: DialectContext,
  wire: WireAnswer,
  sent: WireRequest,
): WireRequest | null {
  if (context.phase !== "exchange" || definition.dialect.secondExchange === undefined) return null
  const first = readTokenAnswer(definition, context.phase, wire, sent)
  return first.kind === "granted" ? definition.dialect.secondExchange(wire, context) : null
}

/** The answer in RFC 6749's words (sections 5.1 and 5.2). Values pass as they came: judging them is the protocol client's part. */
function standardAnswer(read: ReadAnswer, now: number): Response {
  if (read.kind !== "granted") return Response.json({ error: "refused" }, { status: 400 })
  const body: Record<string, unknown> = { access_token: read.accessToken, token_type: "bearer" }
  if (read.refreshToken !== undefined) body["refresh_token"] = read.refreshToken
  const expiresIn = read.expiresIn ?? secondsUntil(read.expiresAtMs, now)
  if (expiresIn !== undefined) body["expires_in"] = expiresIn
  if (read.scopes !== null) body["scope"] = read.scopes.join(" ")
  return Response.json(body)
}

function secondsUntil(expiresAtMs: number | null, now: number): number | undefined {
  return expiresAtMs === null ? undefined : Math.floor((expiresAtMs - now) / 1000)
}
