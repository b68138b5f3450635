/** Google Calendar: https://developers.google.com/workspace/calendar/api/auth */
import { defineConnector } from "../define.ts"
import { google } from "../families/google.ts"

const scope = (name: string): string => `https://www.googleapis.com/auth/${name}`

export const googlecalendar = defineConnector({
  type: "googlecalendar",
  displayName: "Google Calendar",
  category: "calendar",
  description: "Read and change calendars and events.",
  ...google({
    scopes: [
      { scope: scope("calendar.events"), meaning: "See and change events on all your calendars" },
      { scope: scope("calendar.events.readonly"), meaning: "See events on all your calendars" },
      { scope: scope("calendar.events.owned"), meaning: "See and change events on calendars that you own" },
      { scope: scope("calendar.readonly"), meaning: "See all your calendars and their events" },
      { scope: scope("calendar"), meaning: "See, change, share and delete all your calendars" },
      { scope: scope("calendar.freebusy"), meaning: "See when you are free or busy, and nothing else" },
      { scope: scope("calendar.settings.readonly"), meaning: "See your calendar settings" },
      {
        scope: scope("calendar.calendarlist"),
        meaning: "See and change which calendars you are subscribed to",
      },
      {
        scope: scope("calendar.calendarlist.readonly"),
        meaning: "See which calendars you are subscribed to",
      },
      { scope: scope("calendar.calendars"), meaning: "Create calendars and change their names and settings" },
      { scope: scope("calendar.acls"), meaning: "See and change who your calendars are shared with" },
      {
        scope: scope("calendar.app.created"),
        meaning: "Create calendars and manage only those that this app made",
      },
    ],
    defaultScopes: [scope("calendar.events")],
    documentationUrl: "https://developers.google.com/workspace/calendar/api/guides/overview",
    pitfalls: [
      "calendar.events cannot list calendars: ask for calendar.calendarlist.readonly too, or use the calendar id `primary`.",
      "Push channels end by themselves and have to be made again.",
    ],
  }),
  api: { baseUrls: ["https://www.googleapis.com/calendar/v3"] },
})
