/** Generated from services/ by scripts/generate-index.ts: change that, not this. */
import type { ConnectorDefinition } from "./define.ts"
import { airtable } from "./services/airtable.ts"
import { bamboohr } from "./services/bamboohr.ts"
import { box } from "./services/box.ts"
import { calendly } from "./services/calendly.ts"
import { clickup } from "./services/clickup.ts"
import { contentful } from "./services/contentful.ts"
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
import { huggingFace } from "./services/hugging-face.ts"
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
import { supabase } from "./services/supabase.ts"
import { tiktok } from "./services/tiktok.ts"
import { typeform } from "./services/typeform.ts"
import { wix } from "./services/wix.ts"
import { wrike } from "./services/wrike.ts"

/** The connector types that come with the product. */
export type ConnectorType =
  | "airtable"
  | "bamboohr"
  | "box"
  | "calendly"
  | "clickup"
  | "contentful"
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
  | "hugging_face"
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
  | "supabase"
  | "tiktok"
  | "typeform"
  | "wix"
  | "wrike"

export const definitions: readonly ConnectorDefinition[] = [
  airtable,
  bamboohr,
  box,
  calendly,
  clickup,
  contentful,
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
  huggingFace,
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
  supabase,
  tiktok,
  typeform,
  wix,
  wrike,
]
