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

/** Longer than an attempt lives, and the wait for the app's page after it. */
const signedForMs = 15 * 60_000

/**
 * `instanceId` alone is public: whoever has a state of their own could put a stranger's installation beside it. Visitors
 * of a site get signed instances too, which name the visitor in `aid`.
 */
function instanceSigned(claims: Readonly<Record<string, unknown>>, nowMs: number): string | null {
  const { aid, instanceId, signDate } = claims
  if (typeof instanceId !== "string" || instanceId === "" || (aid ?? "") !== "") return null
  if (signDate === undefined) return instanceId
  const signedAt = typeof signDate === "string" ? Date.parse(signDate) : Number.NaN
  return Math.abs(nowMs - signedAt) <= signedForMs ? instanceId : null
}

const dialect: Dialect = {
  // The external install flow knows no state: what stands in the callback's address comes back with it.
  authorizationParams: ({ client_id: appId, redirect_uri: callback, state }, { config }) => ({
    appId: appId ?? "",
    postInstallationUrl: `${callback ?? ""}?state=${encodeURIComponent(state ?? "")}`,
    ...(config["share_url_id"] ? { shareUrlId: config["share_url_id"] } : {}),
  }),
  provenCallback: (params, { nowMs, signedBySecret }) => {
    const claims = signedBySecret(params["signedInstance"] ?? "")
    const instanceId = claims && instanceSigned(claims, nowMs)
    return instanceId === null ? null : { ...params, instanceId }
  },
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
    url: "https://www.wix.com/app-installer",
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
  config: {
    asked: [
      {
        name: "share_url_id",
        displayName: "Share URL ID",
        description: "Only for apps that are not listed in the App Market: the id in the app's share link.",
        pattern: "^[A-Za-z0-9\\-]{1,64}$",
        patternError: "Letters, digits and hyphens, as in the app's share link.",
        placeholder: "1a2b3c4d-0000-4000-8000-000000000000",
        required: false,
      },
    ],
    fromCallback: [{ name: "instanceId", param: "instanceId" }],
  },
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
      "An installation's id is no secret, so that only one that Wix signed for this app (signedInstance) is taken: the app secret must be the one of the app id.",
      "An app that is not listed in the App Market needs the id of its share link: set share_url_id with the connector.",
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
