import type { Demo } from "../demo-app.ts"
import { connectSharedAccount } from "./connect-shared-account.ts"
import { calendarList } from "./services.ts"

export async function connectAndUse(demo: Demo): Promise<void> {
  const { callService, grantry, say } = demo
  say.title("A Google Calendar account for the whole app")
  await connectSharedAccount(demo, "googlecalendar")
  const { accessToken, account, expiresAt } =
    await grantry.asServiceRole.connectors.getConnection("googlecalendar")
  say.check(
    accessToken !== "" && account !== null,
    `The backend asks the SDK and gets a token: ${say.secret(accessToken)}`,
  )
  say.fact(`It belongs to ${account?.label} and lives until ${expiresAt?.toISOString()}`)
  const status = await callService("googlecalendar", calendarList, accessToken)
  say.check(status === 200, `Google Calendar's API takes it: HTTP ${status}`)
}
