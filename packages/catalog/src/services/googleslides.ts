/** Google Slides: https://developers.google.com/workspace/slides/api/scopes */
import { defineConnector } from "../define.ts"
import { google, googleDriveScopes } from "../families/google.ts"

const scope = (name: string): string => `https://www.googleapis.com/auth/${name}`

export const googleslides = defineConnector({
  type: "googleslides",
  displayName: "Google Slides",
  category: "documents",
  description: "Build and edit presentations.",
  ...google({
    scopes: [
      {
        scope: scope("presentations"),
        meaning: "See, create, change and delete all your Google Slides presentations",
      },
      { scope: scope("presentations.readonly"), meaning: "See all your Google Slides presentations" },
      {
        scope: scope("spreadsheets.readonly"),
        meaning: "See your spreadsheets, for charts that are linked to them",
      },
      ...googleDriveScopes,
    ],
    defaultScopes: [scope("presentations")],
    documentationUrl: "https://developers.google.com/workspace/slides/api/guides/overview",
    pitfalls: [
      "Listing or deleting presentations is a call of the Drive API: enable it and ask for a Drive scope.",
      "With drive.file alone a presentation that was made elsewhere is not found.",
      "Charts that are linked to a spreadsheet need spreadsheets.readonly or a Drive scope as well.",
    ],
  }),
  api: { baseUrls: ["https://slides.googleapis.com/v1"] },
})
