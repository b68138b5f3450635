/** Google Sheets: https://developers.google.com/workspace/sheets/api/scopes */
import { defineConnector } from "../define.ts"
import { google, googleDriveScopes } from "../families/google.ts"

const scope = (name: string): string => `https://www.googleapis.com/auth/${name}`

export const googlesheets = defineConnector({
  type: "googlesheets",
  displayName: "Google Sheets",
  category: "documents",
  description: "Read and write spreadsheet cells.",
  ...google({
    scopes: [
      {
        scope: scope("spreadsheets"),
        meaning: "See, create, change and delete all your Google Sheets spreadsheets",
      },
      { scope: scope("spreadsheets.readonly"), meaning: "See all your Google Sheets spreadsheets" },
      ...googleDriveScopes,
    ],
    defaultScopes: [scope("spreadsheets")],
    documentationUrl: "https://developers.google.com/workspace/sheets/api/guides/concepts",
    pitfalls: [
      "Listing or deleting spreadsheets is a call of the Drive API: enable it and ask for a Drive scope.",
      "With drive.file alone a spreadsheet that was made elsewhere is not found.",
      "Reads and writes are limited per person and minute; a 429 names no time, so wait longer after each.",
    ],
  }),
  api: { baseUrls: ["https://sheets.googleapis.com/v4"] },
})
