/** Slack in the name of an app's own bot. The person of the same app is `slack`. */
import { defineConnector } from "../define.ts"
import {
  slackApi,
  slackAuthorize,
  slackLearned,
  slackRefresh,
  slackRefusals,
  slackRevocation,
  slackSetup,
  slackToken,
} from "../families/slack.ts"

const refreshed = {
  ok: true,
  app_id: "A0FAKE0001",
  scope: "channels:read,chat:write,users:read",
  token_type: "bot",
  bot_user_id: "U0FAKEBOT1",
  team: { id: "T0FAKE0001", name: "Example Workspace" },
  enterprise: null,
  is_enterprise_install: false,
}

const exchanged = { ...refreshed, authed_user: { id: "U0FAKE0001" } }

const learned = {
  app_id: "A0FAKE0001",
  team_id: "T0FAKE0001",
  team_name: "Example Workspace",
  is_enterprise_install: "false",
  user_id: "U0FAKE0001",
  bot_user_id: "U0FAKEBOT1",
}

const scopes = ["channels:read", "chat:write", "users:read"]
const account = { id: "T0FAKE0001:U0FAKEBOT1", label: "Example Workspace" }

export const slackbot = defineConnector({
  type: "slackbot",
  displayName: "Slack (bot)",
  category: "communication",
  description: "Act in Slack as the app's own bot.",
  family: "slack",
  // A value in `user_scope` would hand out a person's token as well.
  authorize: slackAuthorize({ scopeParam: "scope", defaultScopes: ["chat:write"] }),
  token: slackToken({}),
  refresh: slackRefresh,
  revocation: slackRevocation,
  identity: {
    // One bot per workspace and app: whoever installs it gets the same account.
    fromToken: {
      id: ["{team.id}:{bot_user_id}", "{enterprise.id}:{bot_user_id}"],
      label: ["{team.name}", "{enterprise.name}"],
    },
    request: {
      method: "POST",
      url: "https://slack.com/api/auth.test",
      headers: {},
      id: ["{team_id}:{user_id}", "{enterprise_id}:{user_id}"],
      label: ["{team}", "{user}"],
    },
  },
  config: {
    // incoming_webhook.url stays out: who holds it can post, and config values are stored and shown in the clear.
    fromToken: [
      ...slackLearned,
      { name: "user_id", path: "authed_user.id" },
      { name: "bot_user_id", path: "bot_user_id" },
      { name: "incoming_webhook_channel_id", path: "incoming_webhook.channel_id" },
    ],
  },
  api: slackApi,
  scopes: [
    { scope: "chat:write", meaning: "Post messages as the app" },
    { scope: "chat:write.public", meaning: "Post in public channels that the app has not joined" },
    { scope: "channels:read", meaning: "See which public channels there are" },
    { scope: "channels:history", meaning: "Read the public channels that the app is in" },
    { scope: "channels:join", meaning: "Join public channels" },
    { scope: "groups:read", meaning: "See which private channels the app is in" },
    { scope: "groups:history", meaning: "Read the private channels that the app is in" },
    { scope: "im:history", meaning: "Read direct messages that are sent to the app" },
    { scope: "app_mentions:read", meaning: "See messages that mention the app" },
    { scope: "commands", meaning: "Add slash commands" },
    { scope: "users:read", meaning: "See the people of the workspace" },
    { scope: "users:read.email", meaning: "See the email addresses of the people of the workspace" },
    { scope: "files:read", meaning: "See files in channels that the app is in" },
    { scope: "files:write", meaning: "Upload, change and delete files as the app" },
    { scope: "reactions:write", meaning: "Add and remove emoji reactions as the app" },
    { scope: "incoming-webhook", meaning: "Post to one channel that you choose" },
  ],
  setup: slackSetup([
    "Add the scopes under Bot Token Scopes; user scopes belong to the type slack.",
    "All who connect one workspace share one bot, so a revocation at Slack ends it for all of them.",
    "The URL of an incoming webhook is not kept: post with chat:write to the learned channel instead.",
  ]),
  samples: [
    {
      name: "with rotation off the bot's token lasts and has no refresh token",
      phase: "exchange",
      given: { status: 200, body: { ...exchanged, access_token: "xoxb-fake-bot-1" } },
      means: { accessToken: "xoxb-fake-bot-1", scopes, config: learned, account },
    },
    {
      name: "with rotation on the token comes with a refresh token and lives twelve hours",
      phase: "exchange",
      given: {
        status: 200,
        body: {
          ...exchanged,
          access_token: "xoxe.xoxb-1-fake-bot-1",
          expires_in: 43_200,
          refresh_token: "xoxe-1-fake-refresh-1",
        },
      },
      means: {
        accessToken: "xoxe.xoxb-1-fake-bot-1",
        refreshToken: "xoxe-1-fake-refresh-1",
        expiresInS: 43_200,
        scopes,
        config: learned,
        account,
      },
    },
    {
      name: "beside a person's token the bot's is taken",
      phase: "exchange",
      given: {
        status: 200,
        body: {
          ...exchanged,
          access_token: "xoxb-fake-bot-2",
          authed_user: { id: "U0FAKE0001", access_token: "xoxp-fake-user-1", scope: "users:read" },
        },
      },
      means: { accessToken: "xoxb-fake-bot-2", scopes, config: learned, account },
    },
    {
      name: "a refresh has the shape of the exchange",
      phase: "refresh",
      given: {
        status: 200,
        body: {
          ...refreshed,
          access_token: "xoxe.xoxb-1-fake-bot-2",
          expires_in: 43_200,
          refresh_token: "xoxe-1-fake-refresh-2",
        },
      },
      means: {
        accessToken: "xoxe.xoxb-1-fake-bot-2",
        refreshToken: "xoxe-1-fake-refresh-2",
        expiresInS: 43_200,
        scopes,
        config: {
          app_id: "A0FAKE0001",
          team_id: "T0FAKE0001",
          team_name: "Example Workspace",
          is_enterprise_install: "false",
          bot_user_id: "U0FAKEBOT1",
        },
        account,
      },
    },
    {
      name: "the channel of an incoming webhook is learned, its secret address is not",
      phase: "exchange",
      given: {
        status: 200,
        body: {
          ...exchanged,
          access_token: "xoxb-fake-bot-3",
          incoming_webhook: {
            channel: "#general",
            channel_id: "C0FAKE0001",
            configuration_url: "https://example.slack.com/services/B0FAKE",
            url: "https://hooks.slack.com/services/fake",
          },
        },
      },
      means: {
        accessToken: "xoxb-fake-bot-3",
        scopes,
        config: { ...learned, incoming_webhook_channel_id: "C0FAKE0001" },
        account,
      },
    },
    {
      name: "an organisation-wide installation is named by the organisation",
      phase: "exchange",
      given: {
        status: 200,
        body: {
          ...exchanged,
          team: null,
          enterprise: { id: "E0FAKE0001", name: "Example Org" },
          is_enterprise_install: true,
          access_token: "xoxb-fake-org-1",
        },
      },
      means: {
        accessToken: "xoxb-fake-org-1",
        scopes,
        config: {
          app_id: "A0FAKE0001",
          enterprise_id: "E0FAKE0001",
          is_enterprise_install: "true",
          user_id: "U0FAKE0001",
          bot_user_id: "U0FAKEBOT1",
        },
        account: { id: "E0FAKE0001:U0FAKEBOT1", label: "Example Org" },
      },
    },
    ...slackRefusals,
  ],
})
