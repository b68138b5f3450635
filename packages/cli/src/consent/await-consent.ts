/** Leads a person through consents, one connector at a time. */
import type { MembersClient } from "@grantry/sdk/members"
import type { Context } from "../context.ts"
import { openBrowser } from "../terminal/open-browser.ts"
import { waitFor } from "../terminal/wait.ts"

export interface PendingConsent {
  readonly type: string
  readonly redirectUrl: string
  readonly connectionId: string
}

export type ConsentOutcome = "connected" | "failed" | "skipped" | "timeout"

export interface ConsentOptions {
  readonly client: MembersClient
  readonly appId: string
  readonly openPages: boolean
  /** How long one consent may take, in milliseconds. */
  readonly forMs: number
}

/** As long as a connect link lives. */
export const consentMs = 10 * 60_000
const pollMs = 1_000

/** The person clicks in their browser; Esc or s leaves one out. */
export async function awaitConsent(
  context: Context,
  consent: PendingConsent,
  { appId, client, forMs, openPages }: ConsentOptions,
): Promise<ConsentOutcome> {
  const { output, streams } = context
  output.note(`${consent.type}: ${output.style("cyan", consent.redirectUrl)}`)
  if (openPages) await openBrowser(consent.redirectUrl)
  const waited = await waitFor(streams, output.interactive, {
    text: `Waiting for your consent to ${consent.type}`,
    everyMs: pollMs,
    forMs,
    canSkip: true,
    async look() {
      const query = { integration_type: consent.type, connection_id: consent.connectionId }
      const answer = await client.sharedConnections.outcome(appId, query)
      return answer.status === "PENDING" ? undefined : answer
    },
  })
  if (waited.kind !== "done") return waited.kind
  const { error_message: reason, status } = waited.result
  if (status === "ACTIVE") return "connected"
  if (reason !== undefined) output.note(`${consent.type}: ${reason}`)
  return "failed"
}
