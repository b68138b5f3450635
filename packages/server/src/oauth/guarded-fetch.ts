/** `fetch` for the protocol client, over the one place that makes requests. */
import type { Outbound } from "../outbound/outbound.ts"

interface StandardRequest {
  readonly method: string
  readonly headers: Record<string, string>
  readonly body?: URLSearchParams | null | undefined
}

export type GuardedFetch = (url: string, request: StandardRequest) => Promise<Response>

/** @param deadlineMs total, for each request */
export function guardedFetch(outbound: Pick<Outbound, "send">, deadlineMs: number): GuardedFetch {
  return async (url, { body, headers, method }) => {
    const answer = await outbound.send({ method, url, headers, deadlineMs, body: body?.toString() })
    // The text is decoded already, and an answer like 204 may have none.
    return new Response(answer.text === "" ? null : answer.text, {
      status: answer.status,
      headers: { "content-type": answer.headers["content-type"] ?? "" },
    })
  }
}
