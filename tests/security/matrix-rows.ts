/**
 * Who may call what: every route × every kind of caller × whose id is in the path. A route without a row fails the
 * matrix; whoever adds one has to say here who may call it.
 *
 * Statuses stand in the order of `idKinds`: the caller's own, a sibling's, another workspace's, one that does not
 * exist; a fifth one is an own app or workspace with somebody else's record in it.
 */
export const idKinds = ["own", "sibling", "foreign", "missing", "mixed"] as const
export type IdKind = (typeof idKinds)[number]

export const callerNames = [
  "none",
  "unknown",
  "member",
  "foreignMember",
  "service",
  "siblingService",
  "foreignService",
  "user",
  "siblingUser",
  "foreignUser",
] as const
export type CallerName = (typeof callerNames)[number]

/** Users are told apart from strangers in their own app, where a 403 says what kind of caller is wanted. */
export const homeOfUser: Readonly<Partial<Record<CallerName, readonly IdKind[]>>> = {
  user: ["own", "mixed"],
  siblingUser: ["sibling"],
  foreignUser: ["foreign"],
}

export interface Row {
  /** Statuses by caller. */
  readonly expected: Readonly<Record<CallerName, string>>
  readonly body?: (unique: string) => Record<string, unknown>
  readonly query?: string
  /** What a signed-in member gets, where it differs from what a key of each workspace gets for its own. */
  readonly signedIn?: string
  /** What it succeeds on is used up: each call gets records of its own. */
  readonly destroys?: boolean
  /** A service names the app's user for whom it calls. */
  readonly onBehalf?: boolean
  /** A person's browser reads it: no credential counts, and the id in its path is a secret. */
  readonly isPage?: boolean
}

/** Records that are slow to make are made anew only for a call that shall succeed on them. */
export function usesUp(row: Row, expected: string): boolean {
  return row.destroys === true && Number(expected) < 400
}

const denied = (status: number): string => `${status} ${status} ${status} ${status} ${status}`

/** Routes for members: a service key gets 403 whatever the path names, and a user's token is unknown there. */
function members(member: string, foreignMember: string): Row["expected"] {
  const [unknown, service] = [denied(401), denied(403)]
  return {
    none: unknown,
    unknown,
    member,
    foreignMember,
    service,
    siblingService: service,
    foreignService: service,
    user: unknown,
    siblingUser: unknown,
    foreignUser: unknown,
  }
}

/** Routes for service keys: a member gets 403 whatever the path names, a user where the token is one of that app. */
function services(service: string, siblingService: string, foreignService: string): Row["expected"] {
  const [unknown, member] = [denied(401), denied(403)]
  return {
    none: unknown,
    unknown,
    member,
    foreignMember: member,
    service,
    siblingService,
    foreignService,
    ...ofUser(403),
  }
}

/** Routes for the app's users: everybody else with a credential gets 403 whatever the path names. */
function users(status: number, mixed = status): Row["expected"] {
  const [unknown, other] = [denied(401), denied(403)]
  return {
    none: unknown,
    unknown,
    member: other,
    foreignMember: other,
    service: other,
    siblingService: other,
    foreignService: other,
    ...ofUser(status, mixed),
  }
}

/** A user's token says nothing in another app than its own. */
function ofUser(status: number, mixed = status) {
  return {
    user: `${status} 401 401 401 ${mixed}`,
    siblingUser: `401 ${status} 401 401 401`,
    foreignUser: `401 401 ${status} 401 401`,
  }
}

function everybody(statuses: string): Row["expected"] {
  return Object.fromEntries(callerNames.map((name) => [name, statuses])) as Record<CallerName, string>
}

const ofApp = (status: number) => members(`${status} ${status} 404 404`, `404 404 ${status} 404`)
const inApp = members("200 200 404 404 404", "404 404 200 404 404")
/** A key belongs to one workspace: another one of the same member is as foreign to it as a stranger's. */
const ofWorkspace = members("200 404 404 404", "404 404 200 404")
const inWorkspace = members("200 404 404 404 404", "404 404 200 404 404")
/** A key of one app finds nothing in another, whoever's. */
const inServed = services("200 404 404 404 404", "404 200 404 404 404", "404 404 200 404 404")
const anyMember = members("200", "200")
const open = everybody("200")
const person = (unique: string) => ({
  email: `nobody${unique}@example.com`,
  name: "Nobody",
  password: "a long enough password",
})
const named = (unique: string) => ({ name: `name ${unique}` })

/** Anyone may call a function; these apps have none, and answer as apps that do not exist. */
function functionRows(): Record<string, Row> {
  const row = { expected: everybody("404 404 404 404") }
  const path = "/api/apps/:app/functions/:name"
  return Object.fromEntries(
    ["GET", "POST", "PUT", "PATCH", "DELETE"].flatMap((method) => [
      [`${method} ${path}`, row],
      [`${method} ${path}/*`, { ...row, isPage: true }],
    ]),
  )
}

export const rows: Readonly<Record<string, Row>> = {
  "GET /api/apps/:app/external-auth/tokens/:type": {
    expected: services("200 404 404 404", "404 200 404 404", "404 404 200 404"),
  },
  "GET /api/apps/:app/external-auth/tokens/connectors/:connectorId": {
    expected: inServed,
  },
  "GET /api/apps/:app/app-user-auth/connectors/:connectorId/token": { expected: inServed, onBehalf: true },
  "GET /api/apps/:app/app-user-auth/users/:userId/connectors/:connectorId/token": { expected: inServed },
  "GET /api/apps/:app/app-user-auth/connectors/:connectorId/users": { expected: inServed },
  "GET /api/apps/:app/app-user-auth/connectors/:connectorId/status": {
    expected: { ...inServed, ...ofUser(200, 404) },
    onBehalf: true,
  },
  "POST /api/apps/:app/app-user-auth/connectors/:connectorId/initiate": { expected: users(200, 404) },
  "DELETE /api/apps/:app/app-user-auth/connectors/:connectorId": {
    expected: users(200, 404),
    destroys: true,
  },
  "GET /api/apps/:app/app-user-auth/connections": { expected: users(200) },
  "POST /api/apps/:app/app-user-auth/complete": {
    expected: users(410),
    body: () => ({ handle: "A".repeat(43) }),
  },
  "GET /api/apps/:app/connections": { expected: ofApp(200) },
  "GET /api/apps/:app/user-connections": { expected: ofApp(200), query: "search=u" },
  "GET /api/apps/:app/connections/:connectionId": { expected: inApp },
  "DELETE /api/apps/:app/connections/:connectionId": { expected: inApp, destroys: true },
  "GET /api/external-auth/available-integrations": { expected: anyMember },
  "GET /api/external-auth/connector-types": { expected: anyMember },
  "GET /api/apps/:app/external-auth/available-integrations": { expected: ofApp(200) },
  "GET /api/apps/:app/oauth-redirect-uris": { expected: ofApp(200) },
  "GET /api/apps/:app/external-auth/list": { expected: ofApp(200) },
  "GET /api/apps/:app/external-auth/status": {
    expected: ofApp(200),
    query: "integration_type=slack&connection_id=conn_x",
  },
  "PUT /api/apps/:app/external-auth/integrations/:type": {
    expected: ofApp(200),
    body: () => ({ scopes: [] }),
  },
  "POST /api/apps/:app/external-auth/initiate": {
    expected: ofApp(200),
    body: () => ({ integration_type: "slack" }),
  },
  "POST /api/apps/:app/external-auth/integrations/:type/check": { expected: ofApp(200) },
  "DELETE /api/apps/:app/external-auth/integrations/:type": { expected: ofApp(200), destroys: true },
  "DELETE /api/apps/:app/external-auth/integrations/:type/remove": { expected: ofApp(200), destroys: true },
  "GET /api/apps": { expected: anyMember },
  "POST /api/apps": { expected: anyMember, body: named },
  "GET /api/apps/:app": { expected: ofApp(200) },
  "PUT /api/apps/:app": { expected: ofApp(200), body: named },
  "DELETE /api/apps/:app": { expected: ofApp(200), destroys: true },
  "GET /api/apps/:app/service-keys": { expected: ofApp(200) },
  "POST /api/apps/:app/service-keys": { expected: ofApp(200), body: named },
  "DELETE /api/apps/:app/service-keys/:keyId": { expected: inApp, destroys: true },
  "GET /api/apps/:app/allowed-origins": { expected: ofApp(200) },
  "PUT /api/apps/:app/allowed-origins": {
    expected: ofApp(200),
    body: () => ({ origins: ["https://shop.example"] }),
  },
  "GET /api/apps/:app/identity-issuers": { expected: ofApp(200) },
  "POST /api/apps/:app/identity-issuers": {
    expected: ofApp(200),
    body: (unique) => ({
      issuer: "https://shop.example",
      audience: unique,
      jwks_url: "https://1.1.1.1/jwks",
    }),
  },
  "DELETE /api/apps/:app/identity-issuers/:issuerId": { expected: inApp, destroys: true },
  "POST /api/apps/:app/users/token": {
    expected: services("200 404 404 404", "404 200 404 404", "404 404 200 404"),
    body: (unique) => ({ user_id: unique }),
  },
  "GET /api/apps/:app/entities/User/me": { expected: users(200) },
  ...functionRows(),
  // What a browser asks before it calls; it names no credential.
  "OPTIONS /api/apps/:app/*": { expected: everybody("204 204 204 204"), isPage: true },
  "GET /api/apps/:app/payments/stripe/status": { expected: ofApp(200) },
  "POST /api/apps/:app/payments/stripe/install": { expected: ofApp(501) },
  "GET /api/workspace/workspaces": { expected: anyMember },
  "POST /api/workspace/workspaces": { expected: anyMember, body: named },
  // These are personal workspaces, which are deleted with their member's account alone.
  "DELETE /api/workspace/workspaces/:ws": {
    expected: members("409 404 404 404", "404 404 409 404"),
    query: "confirm=Personal",
    // The sibling is not personal and has another name.
    signedIn: "409 422 404 404",
  },
  "GET /api/workspace/closures/:secret": { expected: everybody("404") },
  "POST /api/workspace/closures/:secret/force": { expected: everybody("404") },
  "GET /api/workspace/:ws/disconnect-jobs": { expected: ofWorkspace },
  "POST /api/workspace/:ws/disconnect-jobs": {
    expected: members("202 404 404 404", "404 404 202 404"),
    body: () => ({ integration_type: "wrike", confirm: "wrike" }),
  },
  "GET /api/workspace/:ws/disconnect-jobs/:jobId": { expected: inWorkspace },
  "POST /api/workspace/:ws/disconnect-jobs/:jobId/cancel": { expected: inWorkspace },
  "GET /api/workspace/:ws/connectors": { expected: ofWorkspace },
  "POST /api/workspace/:ws/connectors": {
    expected: ofWorkspace,
    body: (unique) => ({ integration_type: "notion", name: `connector ${unique}` }),
  },
  "POST /api/workspace/:ws/connectors/reservations": { expected: ofWorkspace },
  "GET /api/workspace/:ws/connectors/:id": { expected: inWorkspace },
  "GET /api/workspace/:ws/connectors/:id/connections": { expected: inWorkspace },
  "PUT /api/workspace/:ws/connectors/:id": {
    expected: inWorkspace,
    body: (unique) => ({ name: `renamed ${unique}` }),
  },
  "DELETE /api/workspace/:ws/connectors/:id": { expected: inWorkspace, destroys: true },
  "GET /api/workspace/:ws/health": { expected: ofWorkspace },
  "GET /api/workspace/:ws/health/refreshes": { expected: ofWorkspace },
  "GET /api/workspace/:ws/api-keys": { expected: ofWorkspace },
  // The first key of a member's further workspace has to be made with a key of another.
  "POST /api/workspace/:ws/api-keys": {
    expected: members("200 200 404 404", "404 404 200 404"),
    body: named,
  },
  "DELETE /api/workspace/:ws/api-keys/:keyId": { expected: inWorkspace, destroys: true },
  "GET /api/workspace/:ws/members": { expected: ofWorkspace },
  "POST /api/workspace/:ws/members": {
    expected: ofWorkspace,
    body: (unique) => ({ email: `invited${unique}@example.com`, role: "viewer" }),
  },
  "PUT /api/workspace/:ws/members/:memberId": { expected: inWorkspace, body: () => ({ role: "viewer" }) },
  "DELETE /api/workspace/:ws/members/:memberId": { expected: inWorkspace, destroys: true },
  "GET /api/workspace/:ws/members/:memberId/connections": { expected: inWorkspace },
  "GET /api/workspace/:ws/audit-events": { expected: ofWorkspace },
  "GET /api/workspace/:ws/audit/export": { expected: ofWorkspace },
  "POST /api/workspace/:ws/audit/verify": { expected: ofWorkspace },
  // The library's routes go by the session's cookie, and these callers have none.
  "POST /api/auth/sign-up/email": { expected: everybody("403"), body: person },
  "POST /api/auth/sign-in/email": { expected: everybody("401"), body: person },
  "POST /api/auth/sign-out": { expected: open },
  "GET /api/auth/get-session": { expected: open },
  "GET /api/auth/list-sessions": { expected: everybody("401") },
  "POST /api/auth/revoke-session": { expected: everybody("401"), body: () => ({ token: "sha256:x" }) },
  "POST /api/auth/revoke-sessions": { expected: everybody("401") },
  "POST /api/auth/revoke-other-sessions": { expected: everybody("401") },
  "POST /api/auth/change-password": {
    expected: everybody("401"),
    body: () => ({ currentPassword: "some password", newPassword: "another password" }),
  },
  ...Object.fromEntries(
    ["enable", "disable", "generate-backup-codes"].map((path) => [
      `POST /api/auth/two-factor/${path}`,
      { expected: everybody("401"), body: () => ({ password: "some password" }) },
    ]),
  ),
  ...Object.fromEntries(
    ["confirm", "verify-totp", "verify-backup-code"].map((path) => [
      `POST /api/auth/two-factor/${path}`,
      { expected: everybody("401"), body: () => ({ code: "123456" }) },
    ]),
  ),
  "GET /api/auth/sign-in-methods": { expected: everybody("401") },
  "POST /api/auth/oidc/link": { expected: everybody("401"), body: () => ({ password: "some password" }) },
  "POST /api/auth/oidc/unlink": { expected: everybody("401") },
  "POST /api/auth/delete-user": {
    expected: everybody("401"),
    body: () => ({ confirm: "nobody@example.com", password: "some password" }),
  },
  "POST /api/auth/update-user": { expected: everybody("401"), body: named },
  "POST /oauth/device/code": { expected: open, body: () => ({ client_id: "grantry_cli" }) },
  "POST /oauth/token": { expected: everybody("400"), body: () => ({}) },
  "POST /oauth/revoke": { expected: open, body: () => ({ token: "grt_x" }) },
  "GET /oauth/userinfo": { expected: anyMember },
  "GET /api/workspace/:ws/webhooks": { expected: ofWorkspace },
  "POST /api/workspace/:ws/webhooks": {
    expected: ofWorkspace,
    body: () => ({ url: "http://127.0.0.1:9/hook", events: ["connection.connected"] }),
  },
  "DELETE /api/workspace/:ws/webhooks/:webhookId": { expected: inWorkspace, destroys: true },
  "POST /api/workspace/:ws/webhooks/:webhookId/rotate-secret": { expected: inWorkspace },
  "POST /api/workspace/:ws/webhooks/:webhookId/enable": { expected: inWorkspace },
  "POST /api/workspace/:ws/webhooks/:webhookId/disable": { expected: inWorkspace },
  "POST /api/workspace/:ws/webhooks/:webhookId/test": { expected: inWorkspace },
  "POST /api/workspace/:ws/webhooks/:webhookId/deliveries/:deliveryId/retry": { expected: inWorkspace },
  "GET /api/workspace/:ws/webhooks/:webhookId/deliveries": { expected: inWorkspace },
  "GET /metrics": { expected: open },
  "GET /api/openapi.json": { expected: open },
  "GET /healthz": { expected: open },
  "GET /readyz": { expected: open },
  "GET /errors/:code": { expected: everybody("404"), isPage: true },
  "GET /connect/:attempt": { expected: everybody("200 200 200 410"), isPage: true },
  "POST /connect/:attempt": { expected: everybody("400 400 400 400"), isPage: true },
  "POST /connect/:attempt/replace": { expected: everybody("400 400 400 400"), isPage: true },
  "GET /api/external-auth/callback/:context": { expected: everybody("400 400 400 400"), isPage: true },
  "HEAD /api/external-auth/callback/:context": { expected: everybody("204 204 204 204"), isPage: true },
  "GET /sign-in": { expected: open, isPage: true },
  "POST /sign-in": { expected: everybody("400"), isPage: true },
  "GET /sign-in/code": { expected: everybody("303"), isPage: true },
  "POST /sign-in/code": { expected: everybody("400"), isPage: true },
  // These servers have no OpenID provider.
  "GET /sign-in/oidc": { expected: everybody("404"), isPage: true },
  "HEAD /sign-in/oidc": { expected: everybody("204"), isPage: true },
  "GET /sign-in/oidc/callback": { expected: everybody("404"), isPage: true },
  "HEAD /sign-in/oidc/callback": { expected: everybody("204"), isPage: true },
  "POST /sign-out": { expected: everybody("400"), isPage: true },
  "GET /device": { expected: everybody("303"), isPage: true },
  "POST /device": { expected: everybody("303"), isPage: true },
  "POST /device/decide": { expected: everybody("303"), isPage: true },
  "GET /invite/:secret": { expected: everybody("404"), isPage: true },
  "POST /invite/:secret": { expected: everybody("400"), isPage: true },
  "GET /start/:secret": { expected: everybody("410"), isPage: true },
  "POST /start/:secret": { expected: everybody("410"), isPage: true },
  "GET /": { expected: open, isPage: true },
  "GET /apps/*": { expected: open, isPage: true },
  "GET /workspaces/*": { expected: open, isPage: true },
  "GET /account": { expected: open, isPage: true },
  "GET /playground": { expected: open, isPage: true },
  "GET /assets/:name": { expected: everybody("404"), isPage: true },
}
