/** OneDrive: https://learn.microsoft.com/graph/onedrive-concept-overview */
import { defineConnector } from "../define.ts"
import { microsoft } from "../families/microsoft.ts"

export const oneDrive = defineConnector({
  type: "one_drive",
  displayName: "OneDrive",
  category: "files",
  description: "Work with a person's files in OneDrive.",
  ...microsoft({
    scopes: [
      { scope: "Files.ReadWrite", meaning: "Read, change, create and delete your own files" },
      { scope: "Files.Read", meaning: "Read your own files" },
      { scope: "Files.Read.All", meaning: "Read all files that you can reach, shared ones too" },
      {
        scope: "Files.ReadWrite.All",
        meaning: "Read, change and delete all files that you can reach, shared ones too",
      },
      {
        scope: "Files.ReadWrite.AppFolder",
        meaning: "Keep files in this app's own folder, and touch no others",
      },
      { scope: "Files.Read.Selected", meaning: "Read the files that you pick for this app" },
      { scope: "Sites.Read.All", meaning: "Read the document libraries of sites that you can reach" },
    ],
    defaultScopes: ["Files.ReadWrite"],
    defaultTenant: "common",
    documentationUrl: "https://learn.microsoft.com/graph/onedrive-concept-overview",
    pitfalls: [
      "Under Microsoft's managed consent policy, the default of new tenants, people with work accounts cannot consent to Files.Read.All, Files.ReadWrite.All and Sites.Read.All themselves; Files.Read and Files.ReadWrite are open to them.",
      "A work account whose OneDrive was never set up answers 404 at /me/drive.",
      "The old address api.onedrive.com is left behind: Graph serves personal and work accounts alike.",
      "SharePoint's own REST API and file picker need a token for another resource; one for Graph does not work there.",
    ],
  }),
})
