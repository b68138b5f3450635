/** A request and an answer that are passed on as they come, each up to a cap. */
import { pipeline, type Readable } from "node:stream"
import type { Lane } from "./lane.ts"
import { limitBytes } from "./limit-bytes.ts"
import { OutboundError } from "./outbound-error.ts"

export interface OutboundStreamRequest {
  readonly method: string
  readonly url: URL
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string | string[]>>
  readonly body: Readable | null
  readonly maxBodyBytes: number
  /** As they come: packed, where the answer is packed. */
  readonly maxAnswerBytes: number
  /** Total, in milliseconds: until the last byte of the answer. */
  readonly deadlineMs: number
  readonly signal: AbortSignal
}

export interface OutboundStream {
  readonly status: number
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string | string[]>>
  /** Fails when the answer breaks off, is too large or out of time. */
  readonly body: Readable
}

/** @param ended called once the answer's last byte was read, or with what went wrong before */
export async function exchangeStreams(
  lane: Lane,
  request: OutboundStreamRequest,
  signal: AbortSignal,
  ended: (error: unknown) => void,
): Promise<OutboundStream> {
  const { host, pathname, search } = request.url
  const answer = await lane.request(
    {
      method: request.method,
      path: pathname + search,
      headers: { ...request.headers },
      body: request.body && limitedBody(request.body, request.maxBodyBytes),
    },
    signal,
  )
  const tooLarge = () =>
    new OutboundError("too_large", `${host} answered with more than ${request.maxAnswerBytes} bytes`, {
      maybeSent: true,
    })
  const body = pipeline(answer.body, limitBytes(request.maxAnswerBytes, tooLarge), (error) =>
    ended(error ?? undefined),
  )
  return { status: answer.statusCode, headers: definedOnly(answer.headers), body }
}

function limitedBody(body: Readable, maxBytes: number): Readable {
  const tooLarge = () =>
    new OutboundError("body_too_large", `the body to send is larger than ${maxBytes} bytes`, {
      maybeSent: true,
    })
  // The client that reads it reports what goes wrong.
  return pipeline(body, limitBytes(maxBytes, tooLarge), () => undefined)
}

function definedOnly(
  headers: Readonly<Record<string, string | string[] | undefined>>,
): Record<string, string | string[]> {
  const defined: Record<string, string | string[]> = {}
  for (const [name, value] of Object.entries(headers)) if (value !== undefined) defined[name] = value
  return defined
}
