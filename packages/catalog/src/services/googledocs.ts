/** Google Docs: https://developers.google.com/workspace/docs/api/auth */
import { defineConnector } from "../define.ts"
import { google, googleDriveScopes } from "../families/google.ts"

const scope = (name: string): string => `https://www.googleapis.com/auth/${name}`

export const googledocs = defineConnector({
  type: "googledocs",
  displayName: "Google Docs",
  category: "documents",
  description: "Read and edit text documents.",
  ...google({
    scopes: [
      { scope: scope("documents"), meaning: "See, create, change and delete all your Google Docs documents" },
      { scope: scope("documents.readonly"), meaning: "See all your Google Docs documents" },
      ...googleDriveScopes,
    ],
    defaultScopes: [scope("documents")],
    documentationUrl: "https://developers.google.com/workspace/docs/api/how-tos/overview",
    pitfalls: [
      "Listing, sharing, copying, exporting and deleting documents are calls of the Drive API: enable it and ask for a Drive scope.",
      "With drive.file alone a document that was made elsewhere answers 404 and not 403.",
    ],
  }),
  api: { baseUrls: ["https://docs.googleapis.com/v1"] },
})
