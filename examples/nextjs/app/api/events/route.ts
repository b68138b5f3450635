import { NotConnectedError, ReconnectRequiredError } from "@grantry/sdk"
import { currentUserId, grantry } from "../../grantry"

export const dynamic = "force-dynamic"

const google = process.env["GOOGLE_API_URL"] ?? "https://www.googleapis.com"

export async function GET(): Promise<Response> {
  const of = { userId: await currentUserId(), connectorId: process.env["CONNECTOR_ID"] ?? "" }
  try {
    const { accessToken } = await grantry().connectors.getAppUserConnection(of)
    const headers = { authorization: `Bearer ${accessToken}` }
    const events = await fetch(`${google}/calendar/v3/calendars/primary/events?maxResults=10`, { headers })
    return Response.json(await events.json(), { status: events.status })
  } catch (error) {
    if (error instanceof NotConnectedError || error instanceof ReconnectRequiredError) {
      return Response.json({ reason: error.message }, { status: 409 })
    }
    throw error
  }
}
