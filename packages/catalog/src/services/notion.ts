/** Notion: https://developers.notion.com/reference/create-a-token */
import { defineConnector } from "../define.ts"

const version = { "Notion-Version": "2022-06-28" }

const answered = {
  token_type: "bearer",
  bot_id: "b3414d65-0000-4000-8000-cc9d8773d000",
  workspace_icon: null,
  workspace_name: "Ada's Workspace",
  workspace_id: "3c90c3cc-0d44-4b50-8888-8dd25736052a",
  duplicated_template_id: null,
  request_id: "11111111-2222-4333-8444-555555555555",
}

const owner = {
  type: "user",
  user: {
    object: "user",
    id: "5389a034-eb5c-47b5-8a9e-f79c99ef166c",
    name: "Ada Example",
    type: "person",
    person: { email: "ada@example.com" },
  },
}

const learned = {
  workspace_id: "3c90c3cc-0d44-4b50-8888-8dd25736052a",
  workspace_name: "Ada's Workspace",
  bot_id: "b3414d65-0000-4000-8000-cc9d8773d000",
}

const id = "3c90c3cc-0d44-4b50-8888-8dd25736052a:5389a034-eb5c-47b5-8a9e-f79c99ef166c"

export const notion = defineConnector({
  type: "notion",
  displayName: "Notion",
  category: "documents",
  description: "Pages and databases of a workspace.",
  authorize: {
    url: "https://api.notion.com/v1/oauth/authorize",
    // No scopes: the integration has capabilities, and the person picks the pages.
    scopeParam: null,
    extraParams: { owner: "user" },
    pkce: "ignored",
  },
  token: {
    url: "https://api.notion.com/v1/oauth/token",
    body: "json",
    clientAuth: "basic",
    headers: version,
    // The rest of the API names its errors in `code` and `message`; which of the two comes is not published.
    errorPaths: ["error", "code"],
    errorDescriptionPaths: ["error_description", "message"],
    refusals: [
      // The client's are the only credentials that a token request presents.
      { status: 401, error: "unauthorized", means: "invalid_client" },
      { error: "conflict_error", means: "temporarily_unavailable" },
      { error: "validation_error", means: "invalid_request" },
      { error: "invalid_json", means: "invalid_request" },
      { error: "missing_version", means: "invalid_request" },
    ],
    // No answer names a time, so a token is taken to last until Notion says otherwise.
    lifetimeS: null,
  },
  refresh: { rotates: true, reuseGraceS: null },
  revocation: {
    url: "https://api.notion.com/v1/oauth/revoke",
    body: "json",
    tokens: ["access_token"],
    auth: "basic",
    headers: version,
    ends: "token",
    alreadyDead: [
      { status: 400, error: "invalid_grant" },
      { status: 400, error: "invalid_token" },
    ],
  },
  identity: {
    fromToken: {
      id: ["{workspace_id}:{owner.user.id}", "{workspace_id}:{bot_id}"],
      label: [
        "{owner.user.person.email} ({workspace_name})",
        "{owner.user.name} ({workspace_name})",
        "{workspace_name}",
      ],
    },
    request: {
      method: "GET",
      url: "https://api.notion.com/v1/users/me",
      headers: version,
      id: ["{bot.workspace_id}:{bot.owner.user.id}", "{id}"],
      label: ["{bot.workspace_name}", "{name}"],
    },
  },
  config: {
    fromToken: [
      { name: "workspace_id", path: "workspace_id" },
      { name: "workspace_name", path: "workspace_name" },
      { name: "bot_id", path: "bot_id" },
    ],
  },
  api: { baseUrls: ["https://api.notion.com/v1"], headers: version },
  scopes: [],
  setup: {
    registerUrl: "https://www.notion.so/profile/integrations",
    documentationUrl: "https://developers.notion.com/docs/authorization",
    pitfalls: [
      "Make a public integration: an internal one has no OAuth.",
      "What the connection may do is set under Capabilities, not by scopes.",
      "A person may share no page at all: the token then works and sees nothing.",
      "Every API call needs the header Notion-Version.",
    ],
  },
  samples: [
    {
      name: "the exchange names the workspace and the person, and no time",
      phase: "exchange",
      given: {
        status: 200,
        body: { ...answered, access_token: "ntn_fake1", refresh_token: "nrt_fake1", owner },
      },
      means: {
        accessToken: "ntn_fake1",
        refreshToken: "nrt_fake1",
        config: learned,
        account: { id, label: "ada@example.com (Ada's Workspace)" },
      },
    },
    {
      name: "a refresh token of null is none",
      phase: "exchange",
      given: { status: 200, body: { ...answered, access_token: "ntn_fake2", refresh_token: null, owner } },
      means: {
        accessToken: "ntn_fake2",
        config: learned,
        account: { id, label: "ada@example.com (Ada's Workspace)" },
      },
    },
    {
      name: "a refresh rotates, and the account keeps its id when only that comes",
      phase: "refresh",
      given: {
        status: 200,
        body: {
          ...answered,
          access_token: "ntn_fake3",
          refresh_token: "nrt_fake3",
          owner: { type: "user", user: { object: "user", id: "5389a034-eb5c-47b5-8a9e-f79c99ef166c" } },
        },
      },
      means: {
        accessToken: "ntn_fake3",
        refreshToken: "nrt_fake3",
        config: learned,
        account: { id, label: "Ada's Workspace" },
      },
    },
    {
      name: "a used code is a dead grant",
      phase: "exchange",
      given: { status: 400, body: { error: "invalid_grant", error_description: "<not published>" } },
      means: { refusal: "invalid_grant", providerError: "invalid_grant" },
    },
    {
      name: "a dead grant in the envelope of the API is a dead grant",
      phase: "refresh",
      given: {
        status: 400,
        body: { object: "error", status: 400, code: "invalid_grant", message: "<not published>" },
      },
      means: { refusal: "invalid_grant", providerError: "invalid_grant" },
    },
    {
      name: "a wrong secret is the client's fault",
      phase: "refresh",
      given: { status: 401, body: { error: "invalid_client" } },
      means: { refusal: "invalid_client", providerError: "invalid_client" },
    },
    {
      name: "a wrong secret in the envelope of the API is the client's fault",
      phase: "refresh",
      given: {
        status: 401,
        body: { object: "error", status: 401, code: "unauthorized", message: "<not published>" },
      },
      means: { refusal: "invalid_client", providerError: "unauthorized" },
    },
    {
      name: "too many calls pass",
      phase: "refresh",
      given: {
        status: 429,
        headers: { "retry-after": "1" },
        body: { object: "error", status: 429, code: "rate_limited", message: "<not published>" },
      },
      means: { refusal: "rate_limited", providerError: "rate_limited" },
    },
    {
      name: "two writes at once pass",
      phase: "refresh",
      given: {
        status: 409,
        body: { object: "error", status: 409, code: "conflict_error", message: "<not published>" },
      },
      means: { refusal: "temporarily_unavailable", providerError: "conflict_error" },
    },
  ],
})
