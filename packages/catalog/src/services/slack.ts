/** Slack in the name of a person. The bot of the same app is `slackbot`. */
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

const exchanged = {
  ok: true,
  app_id: "A0FAKE0001",
  team: { id: "T0FAKE0001", name: "Example Workspace" },
  enterprise: null,
  is_enterprise_install: false,
}

const learned = {
  app_id: "A0FAKE0001",
  team_id: "T0FAKE0001",
  team_name: "Example Workspace",
  is_enterprise_install: "false",
  user_id: "U0FAKE0001",
}

const scopes = ["channels:read", "chat:write", "users:read"]

export const slack = defineConnector({
  type: "slack",
  displayName: "Slack (user)",
  category: "communication",
  description: "Act in Slack as the person who connected.",
  family: "slack",
  // A value in `scope` would install a bot as well, so the scopes travel in `user_scope` alone.
  authorize: slackAuthorize({ scopeParam: "user_scope", defaultScopes: ["users:read"] }),
  token: slackToken({
    // The top level of an exchange is the bot's, so a missing user token must not fall back to it.
    answer: {
      accessToken: ["authed_user.access_token"],
      refreshToken: ["authed_user.refresh_token"],
      expiresIn: ["authed_user.expires_in"],
      scope: ["authed_user.scope"],
    },
  }),
  refresh: {
    ...slackRefresh,
    // The answer to a refresh is flat; older descriptions nest it like the exchange.
    answer: {
      accessToken: ["access_token", "authed_user.access_token"],
      refreshToken: ["refresh_token", "authed_user.refresh_token"],
      expiresIn: ["expires_in", "authed_user.expires_in"],
      scope: ["scope", "authed_user.scope"],
    },
  },
  revocation: slackRevocation,
  identity: {
    // Asked for rather than read from the token answer, which does not name the person.
    request: {
      method: "POST",
      url: "https://slack.com/api/auth.test",
      headers: {},
      id: ["{team_id}:{user_id}", "{enterprise_id}:{user_id}"],
      label: ["{user} @ {team}", "{user}", "{team}"],
    },
  },
  config: {
    fromToken: [
      ...slackLearned,
      { name: "user_id", path: "user_id" },
      { name: "user_id", path: "authed_user.id" },
    ],
  },
  api: slackApi,
  scopes: [
    { scope: "users:read", meaning: "See the people of your workspace" },
    { scope: "users:read.email", meaning: "See the email addresses of the people of your workspace" },
    { scope: "channels:read", meaning: "See which public channels there are" },
    { scope: "channels:history", meaning: "Read the public channels that you are in" },
    { scope: "groups:read", meaning: "See which private channels you are in" },
    { scope: "groups:history", meaning: "Read the private channels that you are in" },
    { scope: "im:history", meaning: "Read your direct messages" },
    { scope: "chat:write", meaning: "Post messages in your name" },
    { scope: "search:read", meaning: "Search your messages and files" },
    { scope: "files:read", meaning: "See files that are shared with you" },
    { scope: "files:write", meaning: "Upload, change and delete files in your name" },
    { scope: "reactions:write", meaning: "Add and remove emoji reactions in your name" },
    { scope: "users.profile:write", meaning: "Change your profile and status" },
  ],
  setup: slackSetup([
    "Add the scopes under User Token Scopes; bot scopes belong to the type slackbot.",
    "The sign-in scopes (openid, email, profile) cannot be mixed with any others.",
  ]),
  samples: [
    {
      name: "with rotation off the token is nested, lasts and has no refresh token",
      phase: "exchange",
      given: {
        status: 200,
        body: {
          ...exchanged,
          authed_user: {
            id: "U0FAKE0001",
            scope: "channels:read,chat:write,users:read",
            access_token: "xoxp-fake-user-1",
            token_type: "user",
          },
        },
      },
      means: { accessToken: "xoxp-fake-user-1", scopes, config: learned },
    },
    {
      name: "with rotation on the refresh token and the lifetime are nested too",
      phase: "exchange",
      given: {
        status: 200,
        body: {
          ...exchanged,
          authed_user: {
            id: "U0FAKE0001",
            scope: "channels:read,chat:write,users:read",
            access_token: "xoxe.xoxp-1-fake-user-1",
            expires_in: 43_200,
            refresh_token: "xoxe-1-fake-refresh-1",
            token_type: "user",
          },
        },
      },
      means: {
        accessToken: "xoxe.xoxp-1-fake-user-1",
        refreshToken: "xoxe-1-fake-refresh-1",
        expiresInS: 43_200,
        scopes,
        config: learned,
      },
    },
    {
      name: "beside a bot the person's token is taken, with the person's scopes and refresh token",
      phase: "exchange",
      given: {
        status: 200,
        body: {
          ...exchanged,
          access_token: "xoxe.xoxb-1-fake-bot-1",
          refresh_token: "xoxe-1-fake-bot-refresh-1",
          expires_in: 43_200,
          scope: "commands",
          token_type: "bot",
          authed_user: {
            id: "U0FAKE0001",
            scope: "users:read",
            access_token: "xoxp-fake-user-2",
            token_type: "user",
          },
        },
      },
      means: { accessToken: "xoxp-fake-user-2", scopes: ["users:read"], config: learned },
    },
    {
      name: "a bot's token alone is no grant of a person",
      phase: "exchange",
      given: {
        status: 200,
        body: {
          ...exchanged,
          access_token: "xoxb-fake-bot-1",
          scope: "commands",
          token_type: "bot",
          authed_user: { id: "U0FAKE0001" },
        },
      },
      means: { unreadable: true },
    },
    {
      name: "the answer to a refresh is flat",
      phase: "refresh",
      given: {
        status: 200,
        body: {
          ...exchanged,
          access_token: "xoxe.xoxp-1-fake-user-2",
          expires_in: 43_200,
          refresh_token: "xoxe-1-fake-refresh-2",
          token_type: "user",
          scope: "channels:read,chat:write,users:read",
          user_id: "U0FAKE0001",
        },
      },
      means: {
        accessToken: "xoxe.xoxp-1-fake-user-2",
        refreshToken: "xoxe-1-fake-refresh-2",
        expiresInS: 43_200,
        scopes,
        config: learned,
      },
    },
    {
      name: "a refresh that is nested like the exchange is read as well",
      phase: "refresh",
      given: {
        status: 200,
        body: {
          ok: true,
          authed_user: {
            id: "U0FAKE0001",
            access_token: "xoxe.xoxp-1-fake-user-3",
            refresh_token: "xoxe-1-fake-refresh-3",
            expires_in: 43_200,
          },
        },
      },
      means: {
        accessToken: "xoxe.xoxp-1-fake-user-3",
        refreshToken: "xoxe-1-fake-refresh-3",
        expiresInS: 43_200,
        config: { user_id: "U0FAKE0001" },
      },
    },
    {
      name: "an organisation-wide installation has no team",
      phase: "exchange",
      given: {
        status: 200,
        body: {
          ...exchanged,
          team: null,
          enterprise: { id: "E0FAKE0001", name: "Example Org" },
          is_enterprise_install: true,
          authed_user: {
            id: "U0FAKE0001",
            scope: "users:read",
            access_token: "xoxp-fake-org-1",
            token_type: "user",
          },
        },
      },
      means: {
        accessToken: "xoxp-fake-org-1",
        scopes: ["users:read"],
        config: {
          app_id: "A0FAKE0001",
          enterprise_id: "E0FAKE0001",
          is_enterprise_install: "true",
          user_id: "U0FAKE0001",
        },
      },
    },
    ...slackRefusals,
  ],
})
