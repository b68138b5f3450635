/** Wix: https://dev.wix.com/docs/build-apps/develop-your-app/access/authentication/about-oauth */
import { defineConnector } from "../define.ts"
import type { Dialect, WireRequest } from "../dialect.ts"
import { isJsonObject } from "../json.ts"

/** The installation that a request names: every token is minted for one, and it is all that has to be kept. */
function instanceOf(request: WireRequest | null): string | null {
  if (request?.body?.kind !== "json") return null
  const { instance_id: sent, code, refresh_token: kept } = request.body.value
  const instance = sent ?? code ?? kept
  return typeof instance === "string" ? instance : null
}

const dialect: Dialect = {
  authorizationParams: ({ client_id: appId, redirect_uri: redirectUrl, state }) => ({
    appId: appId ?? "",
    redirectUrl: redirectUrl ?? "",
    state: state ?? "",
  }),
  // Apps made before client credentials get a `code` too, which only their own, older token endpoint takes.
  callbackParams: (params) => {
    const { instanceId } = params
    return instanceId === undefined || params["error"] !== undefined
      ? params
      : { ...params, code: instanceId }
  },
  tokenRequest: (request, { clientId, clientSecret }) => ({
    ...request,
    body: {
      kind: "json",
      value: {
        grant_type: "client_credentials",
        client_id: clientId,
        client_secret: clientSecret,
        instance_id: instanceOf(request) ?? "",
      },
    },
  }),
  tokenAnswer: (answer, _phase, request) => {
    const instance = instanceOf(request)
    if (instance === null || !isJsonObject(answer.body) || answer.body["access_token"] === undefined)
      return answer
    return { ...answer, body: { ...answer.body, refresh_token: instance } }
  },
}

const minted = { token_type: "Bearer", expires_in: 14_400 }

export const wix = defineConnector({
  type: "wix",
  displayName: "Wix",
  category: "websites",
  description: "Sites, shops, bookings and contacts built on Wix.",
  authorize: {
    url: "https://www.wix.com/installer/install",
    // What an app may do is ticked in its own settings.
    scopeParam: null,
    pkce: "ignored",
  },
  token: {
    url: "https://www.wixapis.com/oauth2/token",
    body: "json",
    clientAuth: "post",
    // The words of the token endpoint are not published; the API says {message, details}.
    errorPaths: ["error", "errorCode", "details.applicationError.code"],
    errorDescriptionPaths: ["error_description", "message", "details.applicationError.description"],
    refusals: [
      { descriptionIncludes: "secret", means: "invalid_client" },
      { descriptionIncludes: "instance", means: "invalid_grant" },
      { descriptionIncludes: "not installed", means: "invalid_grant" },
      { descriptionIncludes: "uninstalled", means: "invalid_grant" },
      { descriptionIncludes: "invalid client", means: "invalid_client" },
      { descriptionIncludes: "app id", means: "invalid_client" },
      { descriptionIncludes: "appid", means: "invalid_client" },
      // The client's are the only credentials that a token request presents.
      { status: 401, means: "invalid_client" },
    ],
    lifetimeS: 14_400,
    assumedLifetimeS: 14_400,
  },
  // No refresh token: the next token is minted like the first, for as long as the app stays installed.
  refresh: { rotates: false, reuseGraceS: null },
  revocation: null,
  identity: {
    request: {
      method: "GET",
      url: "https://www.wixapis.com/apps/v1/instance",
      headers: {},
      id: ["{instance.instanceId}", "{config.instanceId}"],
      label: ["{site.siteDisplayName}", "Wix site {config.instanceId}"],
    },
  },
  config: { fromCallback: [{ name: "instanceId", param: "instanceId" }] },
  api: { baseUrls: ["https://www.wixapis.com"] },
  scopes: [],
  setup: {
    registerUrl: "https://manage.wix.com/apps",
    documentationUrl:
      "https://dev.wix.com/docs/build-apps/develop-your-app/access/authentication/about-oauth",
    pitfalls: [
      "The app id goes into the connector's client id, the app secret into its client secret.",
      "There are no scopes: tick permissions in the app's settings and release a version.",
      "A connection is one installation on one site; connect once per site.",
      "Disconnecting destroys what is kept here and leaves the app installed: the site's owner removes it in Wix.",
      "An installation's id is no secret: let nobody but a site's owner through your own pages to the connect link.",
      "Apps with the older custom authentication have to switch to OAuth with client credentials.",
    ],
  },
  dialect,
  samples: [
    {
      name: "a token is minted for an installation, with a lifetime and nothing else",
      phase: "exchange",
      given: { status: 200, body: { ...minted, access_token: "OauthNG.JWS.fake1" } },
      means: { accessToken: "OauthNG.JWS.fake1", expiresInS: 14_400 },
    },
    {
      name: "the next token is minted the same way",
      phase: "refresh",
      given: { status: 200, body: { ...minted, access_token: "OauthNG.JWS.fake2" } },
      means: { accessToken: "OauthNG.JWS.fake2", expiresInS: 14_400 },
    },
    {
      name: "a removed installation is a dead grant",
      phase: "refresh",
      given: { status: 400, body: { message: "app instance was not found", details: {} } },
      means: { refusal: "invalid_grant" },
    },
    {
      name: "a dead grant may be told by the standard's code",
      phase: "refresh",
      given: { status: 400, body: { error: "invalid_grant" } },
      means: { refusal: "invalid_grant", providerError: "invalid_grant" },
    },
    {
      name: "a wrong secret is the client's fault",
      phase: "refresh",
      given: { status: 401, body: { message: "<not published>", details: {} } },
      means: { refusal: "invalid_client" },
    },
    {
      name: "a wrong secret is the client's fault, also at 400",
      phase: "refresh",
      given: { status: 400, body: { message: "invalid app secret", details: {} } },
      means: { refusal: "invalid_client" },
    },
    {
      name: "a failure in words that nobody knows says nothing of the grant",
      phase: "refresh",
      given: { status: 400, body: { message: "<not published>", details: {} } },
      means: { refusal: null },
    },
    {
      name: "too many calls pass",
      phase: "refresh",
      given: { status: 429, body: { message: "<not published>", details: {} } },
      means: { refusal: "rate_limited" },
    },
  ],
})
