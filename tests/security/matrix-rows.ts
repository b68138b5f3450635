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
] as const
export type CallerName = (typeof callerNames)[number]

export interface Row {
  /** Statuses by caller. */
  readonly expected: Readonly<Record<CallerName, string>>
  readonly body?: (unique: string) => Record<string, unknown>
  readonly query?: string
  /** What it succeeds on is used up: each call gets records of its own. */
  readonly destroys?: boolean
  /** A person's browser reads it: no credential counts, and the id in its path is a secret. */
  readonly isPage?: boolean
}

const denied = (status: number): string => `${status} ${status} ${status} ${status} ${status}`

/** Routes for members: a service key gets 403 whatever the path names. */
function members(member: string, foreignMember: string): Row["expected"] {
  const [none, unknown, service] = [denied(401), denied(401), denied(403)]
  return { none, unknown, member, foreignMember, service, siblingService: service, foreignService: service }
}

/** Routes for service keys: a member gets 403 whatever the path names. */
function services(service: string, siblingService: string, foreignService: string): Row["expected"] {
  const [none, unknown, member] = [denied(401), denied(401), denied(403)]
  return { none, unknown, member, foreignMember: member, service, siblingService, foreignService }
}

function everybody(statuses: string): Row["expected"] {
  return Object.fromEntries(callerNames.map((name) => [name, statuses])) as Record<CallerName, string>
}

const ofApp = (status: number) => members(`${status} ${status} 404 404`, `404 404 ${status} 404`)
const inApp = members("200 200 404 404 404", "404 404 200 404 404")
/** A key belongs to one workspace: another one of the same member is as foreign to it as a stranger's. */
const ofWorkspace = members("200 404 404 404", "404 404 200 404")
const inWorkspace = members("200 404 404 404 404", "404 404 200 404 404")
const anyMember = members("200", "200")
const open = everybody("200")
const named = (unique: string) => ({ name: `name ${unique}` })

export const rows: Readonly<Record<string, Row>> = {
  "GET /api/apps/:app/external-auth/tokens/:type": {
    expected: services("200 404 404 404", "404 200 404 404", "404 404 200 404"),
  },
  "GET /api/apps/:app/external-auth/tokens/connectors/:connectorId": {
    expected: services("200 404 404 404 404", "404 200 404 404 404", "404 404 200 404 404"),
  },
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
  "GET /api/apps/:app/payments/stripe/status": { expected: ofApp(200) },
  "POST /api/apps/:app/payments/stripe/install": { expected: ofApp(501) },
  "GET /api/workspace/workspaces": { expected: anyMember },
  "POST /api/workspace/workspaces": { expected: anyMember, body: named },
  "GET /api/workspace/:ws/connectors": { expected: ofWorkspace },
  "POST /api/workspace/:ws/connectors": {
    expected: ofWorkspace,
    body: (unique) => ({ integration_type: "notion", name: `connector ${unique}` }),
  },
  "GET /api/workspace/:ws/connectors/:id": { expected: inWorkspace },
  "PUT /api/workspace/:ws/connectors/:id": {
    expected: inWorkspace,
    body: (unique) => ({ name: `renamed ${unique}` }),
  },
  "DELETE /api/workspace/:ws/connectors/:id": { expected: inWorkspace, destroys: true },
  "GET /api/workspace/:ws/api-keys": { expected: ofWorkspace },
  // The first key of a member's further workspace has to be made with a key of another.
  "POST /api/workspace/:ws/api-keys": {
    expected: members("200 200 404 404", "404 404 200 404"),
    body: named,
  },
  "DELETE /api/workspace/:ws/api-keys/:keyId": { expected: inWorkspace, destroys: true },
  "GET /api/openapi.json": { expected: open },
  "GET /healthz": { expected: open },
  "GET /readyz": { expected: open },
  "GET /errors/:code": { expected: everybody("404"), isPage: true },
  "GET /connect/:attempt": { expected: everybody("200 200 200 410"), isPage: true },
  "POST /connect/:attempt": { expected: everybody("400 400 400 400"), isPage: true },
  "POST /connect/:attempt/replace": { expected: everybody("400 400 400 400"), isPage: true },
  "GET /api/external-auth/callback/:context": { expected: everybody("400 400 400 400"), isPage: true },
  "HEAD /api/external-auth/callback/:context": { expected: everybody("204 204 204 204"), isPage: true },
  "GET /start/:secret": { expected: everybody("410"), isPage: true },
  "POST /start/:secret": { expected: everybody("410"), isPage: true },
}
