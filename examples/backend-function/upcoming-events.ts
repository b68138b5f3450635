import { createClientFromRequest } from "@grantry/sdk"

const google = Deno.env.get("GOOGLE_API_URL") ?? "https://www.googleapis.com"

Deno.serve(async (request) => {
  const { connectors } = createClientFromRequest(request).asServiceRole
  const { accessToken } = await connectors.getConnection("googlecalendar")
  const headers = { authorization: `Bearer ${accessToken}` }
  return fetch(`${google}/calendar/v3/calendars/primary/events?maxResults=10`, { headers })
})
