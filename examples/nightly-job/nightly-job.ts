/** Goes through all users of a connector, e.g. from cron. One user's trouble is a line in the report, no more. */
import {
  createClient,
  NotConnectedError,
  ProviderUnavailableError,
  ReconnectRequiredError,
} from "@grantry/sdk"

const env = (name: string): string => {
  const value = process.env[name]
  if (value) return value
  throw new Error(`${name} is not set`)
}

const google = process.env["GOOGLE_API_URL"] ?? "https://www.googleapis.com"
const connectorId = env("CONNECTOR_ID")
const { connectors } = createClient({
  serverUrl: env("GRANTRY_URL"),
  appId: env("GRANTRY_APP_ID"),
  serviceToken: env("GRANTRY_SERVICE_KEY"),
}).asServiceRole

const report = { done: 0, reconnect: [] as string[], later: [] as string[], failed: [] as string[] }

for (const { userId, status } of await connectors.listAppUsers(connectorId)) {
  if (status === "reconnect_required") report.reconnect.push(userId)
  if (status !== "connected") continue
  try {
    await digest(userId)
    report.done += 1
  } catch (error) {
    if (error instanceof ReconnectRequiredError) report.reconnect.push(userId)
    else if (error instanceof ProviderUnavailableError) report.later.push(userId)
    // Disconnected since the list was read: nothing to do for them any more.
    else if (!(error instanceof NotConnectedError)) report.failed.push(`${userId}: ${String(error)}`)
  }
}
console.log(JSON.stringify(report))
if (report.failed.length > 0) process.exitCode = 1

async function digest(userId: string): Promise<void> {
  const { accessToken } = await connectors.getAppUserConnection({ userId, connectorId })
  const events = await fetch(`${google}/calendar/v3/calendars/primary/events?maxResults=10`, {
    headers: { authorization: `Bearer ${accessToken}` },
    signal: AbortSignal.timeout(20_000),
  })
  if (!events.ok) throw new Error(`Google answered ${events.status}`)
  await events.body?.cancel()
}
