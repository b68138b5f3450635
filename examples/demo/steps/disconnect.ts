import { NotConnectedError } from "@grantry/sdk"
import type { Demo } from "../demo-app.ts"
import { refusalOf } from "./refusal-of.ts"
import { calendarList } from "./services.ts"

export async function disconnect({ app, callService, grantry, owner, say }: Demo): Promise<void> {
  const { connectors } = grantry.asServiceRole
  say.title("Disconnect")
  const { accessToken } = await connectors.getConnection("googlecalendar")
  const { revoked } = await owner("DELETE", `/api/apps/${app.id}/external-auth/integrations/googlecalendar`)
  say.check(revoked === "revoked", "The server destroyed its tokens and told the provider")
  const status = await callService("googlecalendar", calendarList, accessToken)
  say.check(
    status === 401,
    `A copy of the token is worth nothing: Google Calendar's API answers HTTP ${status}`,
  )
  const refusal = await refusalOf(connectors.getConnection("googlecalendar"))
  say.check(
    refusal instanceof NotConnectedError && refusal.code === "NOT_FOUND",
    `The SDK throws a NotConnectedError with code NOT_FOUND: "${refusal instanceof Error ? refusal.message : ""}"`,
  )
  const slack = await connectors.getConnection("slack")
  say.check(slack.accessToken !== "", "Slack stays connected")
}
