/** Google Meet: https://developers.google.com/workspace/meet/api/guides/authenticate-authorize */
import { defineConnector } from "../define.ts"
import { google } from "../families/google.ts"

const scope = (name: string): string => `https://www.googleapis.com/auth/${name}`

export const googlemeet = defineConnector({
  type: "googlemeet",
  displayName: "Google Meet",
  category: "communication",
  description: "Create meetings and read who took part, recordings and transcripts.",
  ...google({
    scopes: [
      {
        scope: scope("meetings.space.created"),
        meaning: "Create meetings, and see and change those that this app made",
      },
      {
        scope: scope("meetings.space.readonly"),
        meaning: "See all your meetings, who took part and what was recorded",
      },
      { scope: scope("meetings.space.settings"), meaning: "See and change the settings of your meetings" },
      {
        scope: scope("drive.meet.readonly"),
        meaning: "Download recordings and transcripts of your meetings from Drive",
      },
    ],
    defaultScopes: [scope("meetings.space.created")],
    documentationUrl: "https://developers.google.com/workspace/meet/api/guides/overview",
    pitfalls: [
      "Meet gives the ids of recordings and transcripts; the files lie in Drive and need drive.meet.readonly and the Drive API.",
      "Records of a meeting are kept for 30 days or so.",
      "Some lists leave fields out unless the parameter fields names them.",
      "A space is addressed by its name, spaces/…, or by the meeting code.",
    ],
  }),
  api: { baseUrls: ["https://meet.googleapis.com/v2"] },
})
