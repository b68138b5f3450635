import { createClientFromRequest } from "@base44/sdk"

const google = Deno.env.get("GOOGLE_API_URL") ?? "https://www.googleapis.com"

Deno.serve(async (request) => {
  const { connectors } = createClientFromRequest(request).asServiceRole
  const headers = { authorization: `Bearer ${(await connectors.getConnection("googlecalendar")).accessToken}` }
  const events = await fetch(`${google}/calendar/v3/calendars/primary/events?maxResults=10`, { headers })
  return Response.json(await events.json(), { status: events.status })
})
