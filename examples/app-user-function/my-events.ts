import { createClientFromRequest, NotConnectedError, ReconnectRequiredError } from "@grantry/sdk"

const google = Deno.env.get("GOOGLE_API_URL") ?? "https://www.googleapis.com"
const connectorId = Deno.env.get("CONNECTOR_ID") ?? ""

/** The next events of whoever is calling; or where they connect their calendar first. */
Deno.serve(async (request) => {
  const grantry = createClientFromRequest(request)
  try {
    const { accessToken } = await grantry.asServiceRole.connectors.getCurrentAppUserConnection(connectorId)
    const headers = { authorization: `Bearer ${accessToken}` }
    return await fetch(`${google}/calendar/v3/calendars/primary/events?maxResults=10`, { headers })
  } catch (error) {
    if (error instanceof NotConnectedError || error instanceof ReconnectRequiredError) {
      const connect = await grantry.connectors.connectAppUser(connectorId)
      return Response.json({ reason: error.message, connect }, { status: 409 })
    }
    throw error
  }
})
