/** Discord: https://discord.com/developers/docs/topics/oauth2 */
import { defineConnector } from "../define.ts"

const answered = { token_type: "Bearer", expires_in: 604_800, scope: "identify email" }
const scopes = ["identify", "email"]

export const discord = defineConnector({
  type: "discord",
  displayName: "Discord",
  category: "communication",
  description: "Community chat: servers, channels and members.",
  authorize: {
    url: "https://discord.com/oauth2/authorize",
    alwaysScopes: ["identify"],
    defaultScopes: ["identify"],
  },
  token: {
    // Forms only: a JSON body is an error.
    url: "https://discord.com/api/oauth2/token",
    clientAuth: "basic",
    errorPaths: ["error", "code"],
    errorDescriptionPaths: ["error_description", "message"],
    lifetimeS: 604_800,
  },
  refresh: { rotates: true, reuseGraceS: 0 },
  revocation: {
    url: "https://discord.com/api/oauth2/token/revoke",
    tokens: ["refresh_token", "access_token"],
    auth: "basic",
    // Any one token ends them all: those of that person at that application.
    ends: "grant",
    alreadyDead: [
      { status: 400, error: "invalid_grant" },
      { status: 400, error: "invalid_token" },
    ],
  },
  identity: {
    request: {
      method: "GET",
      url: "https://discord.com/api/v10/users/@me",
      headers: {},
      id: ["{id}"],
      label: ["{username}", "{global_name}"],
    },
  },
  config: {
    // The URL of a webhook is a secret that lets anybody post, so no config value holds it.
    fromToken: [
      { name: "guild_id", path: "guild.id" },
      { name: "guild_name", path: "guild.name" },
      { name: "webhook_id", path: "webhook.id" },
      { name: "webhook_channel_id", path: "webhook.channel_id" },
    ],
  },
  api: { baseUrls: ["https://discord.com/api/v10"] },
  scopes: [
    { scope: "identify", meaning: "See your name and avatar" },
    { scope: "email", meaning: "See your email address" },
    { scope: "guilds", meaning: "See which servers you are in" },
    { scope: "guilds.members.read", meaning: "See your nickname and roles in your servers" },
    { scope: "guilds.join", meaning: "Join servers for you" },
    { scope: "connections", meaning: "See the accounts that you linked with Discord" },
    { scope: "bot", meaning: "Add the app's bot to a server of yours" },
    { scope: "applications.commands", meaning: "Add the app's commands to a server of yours" },
    { scope: "webhook.incoming", meaning: "Post into one channel that you choose" },
    { scope: "role_connections.write", meaning: "Tell servers facts about you that decide on your roles" },
    { scope: "gdm.join", meaning: "Join group chats for you" },
  ],
  setup: {
    registerUrl: "https://discord.com/developers/applications",
    documentationUrl: "https://discord.com/developers/docs/topics/oauth2",
    pitfalls: [
      "A person's token reads that person's own data; everything inside a server needs the token of the app's bot.",
      "Disconnecting ends every token of the person at this app, so one of two connections takes the other along.",
      "The URL of a webhook that comes with webhook.incoming is a secret and is not kept: read it with the bot's token by webhook_id.",
      "Ten thousand refused calls within ten minutes ban the address that they came from.",
    ],
  },
  samples: [
    {
      name: "an exchange names lifetime and scopes",
      phase: "exchange",
      given: { status: 200, body: { ...answered, access_token: "fake-a1", refresh_token: "fake-r1" } },
      means: { accessToken: "fake-a1", refreshToken: "fake-r1", expiresInS: 604_800, scopes },
    },
    {
      name: "a bot's server and a webhook's channel come with the token, the webhook's secret stays out",
      phase: "exchange",
      given: {
        status: 200,
        body: {
          ...answered,
          access_token: "fake-a2",
          refresh_token: "fake-r2",
          guild: { id: "290926798626357999", name: "Example" },
          webhook: {
            id: "347114750880120863",
            channel_id: "345626669224982402",
            token: "fake-webhook-token",
            url: "https://discord.com/api/webhooks/347114750880120863/fake-webhook-token",
          },
        },
      },
      means: {
        accessToken: "fake-a2",
        refreshToken: "fake-r2",
        expiresInS: 604_800,
        scopes,
        config: {
          guild_id: "290926798626357999",
          guild_name: "Example",
          webhook_id: "347114750880120863",
          webhook_channel_id: "345626669224982402",
        },
      },
    },
    {
      name: "a refresh brings a new refresh token",
      phase: "refresh",
      given: { status: 200, body: { ...answered, access_token: "fake-a3", refresh_token: "fake-r3" } },
      means: { accessToken: "fake-a3", refreshToken: "fake-r3", expiresInS: 604_800, scopes },
    },
    {
      name: "an old code is a dead grant",
      phase: "exchange",
      given: {
        status: 400,
        body: { error: "invalid_grant", error_description: 'Invalid "code" in request.' },
      },
      means: { refusal: "invalid_grant", providerError: "invalid_grant" },
    },
    {
      name: "a used refresh token is a dead grant, without a description",
      phase: "refresh",
      given: { status: 400, body: { error: "invalid_grant" } },
      means: { refusal: "invalid_grant", providerError: "invalid_grant" },
    },
    {
      name: "a wrong secret is the client's fault",
      phase: "refresh",
      given: { status: 401, body: { error: "invalid_client" } },
      means: { refusal: "invalid_client", providerError: "invalid_client" },
    },
    {
      name: "an error in the shape of the API says nothing of the grant",
      phase: "refresh",
      given: { status: 401, body: { message: "401: Unauthorized", code: 0 } },
      means: { refusal: null },
    },
    {
      name: "too many calls pass",
      phase: "refresh",
      given: {
        status: 429,
        headers: { "retry-after": "65" },
        body: { message: "<not published>", retry_after: 64.57, global: false },
      },
      means: { refusal: "rate_limited" },
    },
  ],
})
