/** A catalogue entry for any OpenID provider that keeps to the standards: nothing but data, and no dialect. */
import { type ConnectorDefinition, defineConnector } from "@grantry/catalog"

export const issuer = "https://op.test"

export function openIdConnector(
  type: string,
  displayName: string,
  clientAuth: "basic" | "post",
): ConnectorDefinition {
  return defineConnector({
    type,
    displayName,
    description: "An OpenID provider.",
    authorize: {
      url: `${issuer}/auth`,
      // OpenID Connect Core section 11: without it offline_access is ignored.
      extraParams: { prompt: "consent" },
      pkce: "required",
      alwaysScopes: ["openid", "offline_access"],
      defaultScopes: ["email"],
      issuer,
      issParameter: "required",
    },
    token: { url: `${issuer}/token`, clientAuth, lifetimeS: 60 },
    refresh: { rotates: true, reuseGraceS: 0 },
    revocation: {
      url: `${issuer}/token/revocation`,
      tokens: ["refresh_token", "access_token"],
      auth: clientAuth,
      // Each consent is a grant of its own there.
      ends: "token",
    },
    identity: {
      request: { method: "GET", url: `${issuer}/me`, headers: {}, id: ["{sub}"], label: ["{email}"] },
    },
    api: { baseUrls: [issuer] },
    scopes: [{ scope: "email", meaning: "See your e-mail address" }],
    setup: { registerUrl: `${issuer}/clients`, documentationUrl: `${issuer}/docs`, pitfalls: [] },
    samples: [],
  })
}
