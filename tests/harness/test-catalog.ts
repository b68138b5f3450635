/** The built-in catalogue and services that differ in one thing each, for tests that are about that thing. */
import { builtInDefinitions, createCatalog, defineConnector, type ConnectorInput } from "@grantry/catalog"

type Differences = Partial<Pick<ConnectorInput, "token" | "refresh" | "revocation">>

function service(type: string, differences: Differences) {
  const host = `https://${type.replaceAll("_", "-")}.example.com`
  return defineConnector({
    type,
    displayName: `Test service ${type}`,
    description: "A service of the tests.",
    authorize: { url: `${host}/authorize`, defaultScopes: ["read", "write"] },
    token: { url: `${host}/token`, clientAuth: "basic", lifetimeS: 3600 },
    refresh: { rotates: false, reuseGraceS: null },
    revocation: {
      url: `${host}/revoke`,
      tokens: ["refresh_token", "access_token"],
      auth: "basic",
      ends: "token",
    },
    identity: {
      request: { method: "GET", url: `${host}/me`, headers: {}, id: ["{sub}"], label: ["{email}"] },
    },
    api: { baseUrls: [`${host}/api`] },
    scopes: [
      { scope: "read", meaning: "Read" },
      { scope: "write", meaning: "Write" },
    ],
    setup: { registerUrl: `${host}/apps`, documentationUrl: `${host}/docs`, pitfalls: [] },
    samples: [],
    ...differences,
  })
}

/** An hour's tokens; a refresh leaves the refresh token as it is. */
const steady = service("steady", {})

/** A refresh uses the refresh token up at once. */
const rotating = service("rotating", { refresh: { rotates: true, reuseGraceS: 0 } })

/** A hundred seconds: a fifth of the life is the margin. */
const brief = service("brief", {
  token: { url: "https://brief.example.com/token", clientAuth: "basic", lifetimeS: 100 },
})

/** Never says how long a token lives: a thousand seconds are assumed. */
const wordless = service("wordless", {
  token: {
    url: "https://wordless.example.com/token",
    clientAuth: "basic",
    lifetimeS: null,
    assumedLifetimeS: 1_000,
  },
})

/** One revocation ends every token of the account at the client. */
const whole_grant = service("whole_grant", {
  revocation: {
    url: "https://whole-grant.example.com/revoke",
    tokens: ["refresh_token", "access_token"],
    auth: "none",
    ends: "grant",
  },
})

/** Revocation is a call with the access token, which must be alive; refresh tokens rotate. */
const live_access = service("live_access", {
  refresh: { rotates: true, reuseGraceS: 0 },
  revocation: {
    url: "https://live-access.example.com/revoke",
    body: "none",
    tokenField: null,
    tokens: ["access_token"],
    requiresLiveToken: true,
    auth: "bearer",
    ends: "token",
    alreadyDead: [{ status: 404 }],
  },
})

/** Each token is revoked by itself. */
const one_by_one = service("one_by_one", {
  revocation: {
    url: "https://one-by-one.example.com/revoke",
    tokens: ["refresh_token", "access_token"],
    presents: "every",
    auth: "basic",
    ends: "token",
    alreadyDead: [{ status: 400, error: "invalid_token" }],
  },
})

export const testCatalog = createCatalog([
  ...builtInDefinitions,
  steady,
  rotating,
  brief,
  wordless,
  whole_grant,
  live_access,
  one_by_one,
])
