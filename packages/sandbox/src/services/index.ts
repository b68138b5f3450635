/** The services that leave the standard; all others follow their entry's data. */
import type { ConnectorDefinition } from "@grantry/catalog"
import type { ServiceProfile } from "../service-profile.ts"
import { bamboohrProfile } from "./bamboohr.ts"
import { databricksProfile } from "./databricks.ts"
import { discordProfile } from "./discord.ts"
import { dropboxProfile } from "./dropbox.ts"
import { githubProfile } from "./github.ts"
import { gitlabProfile } from "./gitlab.ts"
import { googleProfile } from "./google.ts"
import { hubspotProfile } from "./hubspot.ts"
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
import { tiktokProfile } from "./tiktok.ts"
import { wixProfile } from "./wix.ts"
import { wrikeProfile } from "./wrike.ts"

export type Bend = (standard: ServiceProfile, definition: ConnectorDefinition) => ServiceProfile

const byFamily: ReadonlyMap<string, Bend> = new Map([
  ["google", googleProfile],
  ["microsoft", microsoftProfile],
  ["slack", slackProfile],
])

const byType: ReadonlyMap<string, Bend> = new Map([
  ["bamboohr", bamboohrProfile],
  ["databricks", databricksProfile],
  ["discord", discordProfile],
  ["dropbox", dropboxProfile],
  ["github", githubProfile],
  ["gitlab", gitlabProfile],
  ["hubspot", hubspotProfile],
  ["instagram", instagramProfile],
  ["linear", linearProfile],
  ["linkedin", linkedinProfile],
  ["notion", notionProfile],
  ["quickbooks", quickbooksProfile],
  ["salesforce", salesforceProfile],
  ["snowflake", snowflakeProfile],
  ["splitwise", splitwiseProfile],
  ["square", squareProfile],
  ["tiktok", tiktokProfile],
  ["wix", wixProfile],
  ["wrike", wrikeProfile],
])

export function bentProfile(standard: ServiceProfile, definition: ConnectorDefinition): ServiceProfile {
  const bend = byType.get(definition.type) ?? byFamily.get(definition.family ?? "")
  return bend ? bend(standard, definition) : standard
}
