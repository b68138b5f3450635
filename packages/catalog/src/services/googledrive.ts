/** Google Drive: https://developers.google.com/workspace/drive/api/guides/api-specific-auth */
import { defineConnector } from "../define.ts"
import { google, googleDriveScopes } from "../families/google.ts"

const scope = (name: string): string => `https://www.googleapis.com/auth/${name}`

export const googledrive = defineConnector({
  type: "googledrive",
  displayName: "Google Drive",
  category: "files",
  description: "Find, store and share files.",
  ...google({
    scopes: [
      { scope: scope("drive.appdata"), meaning: "Keep data of this app in a hidden folder of your Drive" },
      {
        scope: scope("drive.metadata"),
        meaning: "See and change names, folders and other details of your Drive files",
      },
      {
        scope: scope("drive.metadata.readonly"),
        meaning: "See names, folders and other details of your Drive files",
      },
      { scope: scope("drive.scripts"), meaning: "Change how your Google Apps Script projects behave" },
      { scope: scope("drive.meet.readonly"), meaning: "See Drive files that Google Meet made" },
      { scope: scope("drive.activity.readonly"), meaning: "See what happened to your Drive files" },
      { scope: scope("drive.labels.readonly"), meaning: "See the labels of your Drive files" },
      ...googleDriveScopes,
    ],
    defaultScopes: [scope("drive.file")],
    documentationUrl: "https://developers.google.com/workspace/drive/api/guides/about-sdk",
    pitfalls: [
      "drive, drive.readonly, drive.scripts, drive.meet.readonly, drive.activity.readonly and the metadata scopes are restricted: in production they need Google's review and a security assessment. drive.file and drive.appdata need neither.",
      "With drive.file a list shows only what the app made or the person opened with it: let people choose files in the Google Picker.",
      "Files on shared drives answer only with supportsAllDrives=true, and are listed only with includeItemsFromAllDrives=true.",
      "Files are addressed by id; root stands for My Drive.",
    ],
  }),
  api: { baseUrls: ["https://www.googleapis.com/drive/v3", "https://www.googleapis.com/upload/drive/v3"] },
})
