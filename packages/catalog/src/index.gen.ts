/** Generated from services/ by scripts/generate-index.ts: change that, not this. */
import type { ConnectorDefinition } from "./define.ts"
import { dropbox } from "./services/dropbox.ts"
import { github } from "./services/github.ts"
import { gmail } from "./services/gmail.ts"
import { googleAnalytics } from "./services/google-analytics.ts"
import { googleClassroom } from "./services/google-classroom.ts"
import { googleSearchConsole } from "./services/google-search-console.ts"
import { googleads } from "./services/googleads.ts"
import { googlebigquery } from "./services/googlebigquery.ts"
import { googlecalendar } from "./services/googlecalendar.ts"
import { googledocs } from "./services/googledocs.ts"
import { googledrive } from "./services/googledrive.ts"
import { googlemeet } from "./services/googlemeet.ts"
import { googlesheets } from "./services/googlesheets.ts"
import { googleslides } from "./services/googleslides.ts"
import { googletasks } from "./services/googletasks.ts"
import { microsoftTeams } from "./services/microsoft-teams.ts"
import { notion } from "./services/notion.ts"
import { oneDrive } from "./services/one-drive.ts"
import { outlook } from "./services/outlook.ts"
import { salesforce } from "./services/salesforce.ts"
import { sharePoint } from "./services/share-point.ts"
import { slack } from "./services/slack.ts"
import { slackbot } from "./services/slackbot.ts"

/** The connector types that come with the product. */
export type ConnectorType =
  | "dropbox"
  | "github"
  | "gmail"
  | "google_analytics"
  | "google_classroom"
  | "google_search_console"
  | "googleads"
  | "googlebigquery"
  | "googlecalendar"
  | "googledocs"
  | "googledrive"
  | "googlemeet"
  | "googlesheets"
  | "googleslides"
  | "googletasks"
  | "microsoft_teams"
  | "notion"
  | "one_drive"
  | "outlook"
  | "salesforce"
  | "share_point"
  | "slack"
  | "slackbot"

export const definitions: readonly ConnectorDefinition[] = [
  dropbox,
  github,
  gmail,
  googleAnalytics,
  googleClassroom,
  googleSearchConsole,
  googleads,
  googlebigquery,
  googlecalendar,
  googledocs,
  googledrive,
  googlemeet,
  googlesheets,
  googleslides,
  googletasks,
  microsoftTeams,
  notion,
  oneDrive,
  outlook,
  salesforce,
  sharePoint,
  slack,
  slackbot,
]
