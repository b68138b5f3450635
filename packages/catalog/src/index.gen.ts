/** Generated from services/ by scripts/generate-index.ts: change that, not this. */
import type { ConnectorDefinition } from "./define.ts"
import { bamboohr } from "./services/bamboohr.ts"
import { databricks } from "./services/databricks.ts"
import { discord } from "./services/discord.ts"
import { dropbox } from "./services/dropbox.ts"
import { github } from "./services/github.ts"
import { gitlab } from "./services/gitlab.ts"
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
import { hubspot } from "./services/hubspot.ts"
import { instagram } from "./services/instagram.ts"
import { linear } from "./services/linear.ts"
import { linkedin } from "./services/linkedin.ts"
import { microsoftTeams } from "./services/microsoft-teams.ts"
import { notion } from "./services/notion.ts"
import { oneDrive } from "./services/one-drive.ts"
import { outlook } from "./services/outlook.ts"
import { quickbooks } from "./services/quickbooks.ts"
import { salesforce } from "./services/salesforce.ts"
import { sharePoint } from "./services/share-point.ts"
import { slack } from "./services/slack.ts"
import { slackbot } from "./services/slackbot.ts"
import { snowflake } from "./services/snowflake.ts"
import { splitwise } from "./services/splitwise.ts"
import { square } from "./services/square.ts"
import { tiktok } from "./services/tiktok.ts"
import { wix } from "./services/wix.ts"
import { wrike } from "./services/wrike.ts"

/** The connector types that come with the product. */
export type ConnectorType =
  | "bamboohr"
  | "databricks"
  | "discord"
  | "dropbox"
  | "github"
  | "gitlab"
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
  | "hubspot"
  | "instagram"
  | "linear"
  | "linkedin"
  | "microsoft_teams"
  | "notion"
  | "one_drive"
  | "outlook"
  | "quickbooks"
  | "salesforce"
  | "share_point"
  | "slack"
  | "slackbot"
  | "snowflake"
  | "splitwise"
  | "square"
  | "tiktok"
  | "wix"
  | "wrike"

export const definitions: readonly ConnectorDefinition[] = [
  bamboohr,
  databricks,
  discord,
  dropbox,
  github,
  gitlab,
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
  hubspot,
  instagram,
  linear,
  linkedin,
  microsoftTeams,
  notion,
  oneDrive,
  outlook,
  quickbooks,
  salesforce,
  sharePoint,
  slack,
  slackbot,
  snowflake,
  splitwise,
  square,
  tiktok,
  wix,
  wrike,
]
