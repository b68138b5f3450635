/** Generated from services/ by scripts/generate-index.ts: change that, not this. */
import type { ConnectorDefinition } from "./define.ts"
import { dropbox } from "./services/dropbox.ts"
import { github } from "./services/github.ts"
import { gmail } from "./services/gmail.ts"
import { googlecalendar } from "./services/googlecalendar.ts"
import { notion } from "./services/notion.ts"
import { salesforce } from "./services/salesforce.ts"
import { slack } from "./services/slack.ts"
import { slackbot } from "./services/slackbot.ts"

/** The connector types that come with the product. */
export type ConnectorType =
  | "dropbox"
  | "github"
  | "gmail"
  | "googlecalendar"
  | "notion"
  | "salesforce"
  | "slack"
  | "slackbot"

export const definitions: readonly ConnectorDefinition[] = [
  dropbox,
  github,
  gmail,
  googlecalendar,
  notion,
  salesforce,
  slack,
  slackbot,
]
