/** What every call to a provider needs. The protocol client is strict and knows no provider's name. */
import { parseJson, type WireAnswer, type WireRequest } from "@grantry/catalog"
import type { Outbound, OutboundAnswer } from "../outbound/outbound.ts"
import type { OAuthClient, ProviderAddress } from "./oauth-client.ts"

export interface ProtocolClient {
  readonly outbound: Outbound
  readonly address: ProviderAddress
  readonly now: () => number
  /** Total deadline of one call. */
  readonly timeoutMs: number
}

/** Sends one request to a provider and reads the answer's body as JSON where it is JSON. */
export async function sendToProvider(
  protocol: ProtocolClient,
  client: OAuthClient,
  request: WireRequest,
  timeoutMs = protocol.timeoutMs,
): Promise<WireAnswer> {
  const url = protocol.address(client, new URL(request.url), "back")
  const { headers, body } = encodeBody(request)
  const answer = await protocol.outbound.send({
    method: request.method,
    url,
    headers: { accept: "application/json", ...headers },
    body,
    deadlineMs: timeoutMs,
  })
  return { status: answer.status, headers: answer.headers, body: parseBody(answer) }
}

function encodeBody(request: WireRequest): { headers: Record<string, string>; body: string | undefined } {
  const headers = lowerCased(request.headers)
  if (request.body === null) return { headers, body: undefined }
  if (request.body.kind === "json") {
    return {
      headers: { ...headers, "content-type": "application/json" },
      body: JSON.stringify(request.body.value),
    }
  }
  return {
    headers: { ...headers, "content-type": "application/x-www-form-urlencoded" },
    body: new URLSearchParams(request.body.fields).toString(),
  }
}

export function lowerCased(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]))
}

/** Text stays text: the catalogue's reader decides what else it may be. */
function parseBody(answer: OutboundAnswer): unknown {
  try {
    return parseJson(answer.text)
  } catch {
    return answer.text
  }
}
