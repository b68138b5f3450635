/** The services that leave the standard; all others follow their entry's data. */
import type { ConnectorDefinition } from "@grantry/catalog"
import type { ServiceProfile } from "../service-profile.ts"
import { airtableProfile } from "./airtable.ts"
import { bamboohrProfile } from "./bamboohr.ts"
import { boxProfile } from "./box.ts"
import { calendlyProfile } from "./calendly.ts"
import { clickupProfile } from "./clickup.ts"
import { contentfulProfile } from "./contentful.ts"
import { databricksProfile } from "./databricks.ts"
import { discordProfile } from "./discord.ts"
import { dropboxProfile } from "./dropbox.ts"
import { githubProfile } from "./github.ts"
import { gitlabProfile } from "./gitlab.ts"
import { googleProfile } from "./google.ts"
import { hubspotProfile } from "./hubspot.ts"
import { huggingFaceProfile } from "./hugging-face.ts"
import { instagramProfile } from "./instagram.ts"
import { linearProfile } from "./linear.ts"
import { linkedinProfile } from "./linkedin.ts"
import { microsoftProfile } from "./microsoft.ts"
import { notionProfile } from "./notion.ts"
import { quickbooksProfile } from "./quickbooks.ts"
import { salesforceProfile } from "./salesforce.ts"
import { slackProfile } from "./slack.ts"
import { snowflakeProfile } from "./snowflake.ts"
import { splitwiseProfile } from "./splitwise.ts"
import { squareProfile } from "./square.ts"
import { supabaseProfile } from "./supabase.ts"
import { tiktokProfile } from "./tiktok.ts"
import { typeformProfile } from "./typeform.ts"
import { wixProfile } from "./wix.ts"
import { wrikeProfile } from "./wrike.ts"

export type Bend = (standard: ServiceProfile, definition: ConnectorDefinition) => ServiceProfile

const byFamily: ReadonlyMap<string, Bend> = new Map([
  ["google", googleProfile],
  ["microsoft", microsoftProfile],
  ["slack", slackProfile],
])

const byType: ReadonlyMap<string, Bend> = new Map([
  ["airtable", airtableProfile],
  ["bamboohr", bamboohrProfile],
  ["box", boxProfile],
  ["calendly", calendlyProfile],
  ["clickup", clickupProfile],
  ["contentful", contentfulProfile],
  ["databricks", databricksProfile],
  ["discord", discordProfile],
  ["dropbox", dropboxProfile],
  ["github", githubProfile],
  ["gitlab", gitlabProfile],
  ["hubspot", hubspotProfile],
  ["hugging_face", huggingFaceProfile],
  ["instagram", instagramProfile],
  ["linear", linearProfile],
  ["linkedin", linkedinProfile],
  ["notion", notionProfile],
  ["quickbooks", quickbooksProfile],
  ["salesforce", salesforceProfile],
  ["snowflake", snowflakeProfile],
  ["splitwise", splitwiseProfile],
  ["square", squareProfile],
  ["supabase", supabaseProfile],
  ["tiktok", tiktokProfile],
  ["typeform", typeformProfile],
  ["wix", wixProfile],
  ["wrike", wrikeProfile],
])

export function bentProfile(standard: ServiceProfile, definition: ConnectorDefinition): ServiceProfile {
  const bend = byType.get(definition.type) ?? byFamily.get(definition.family ?? "")
  return bend ? bend(standard, definition) : standard
}
