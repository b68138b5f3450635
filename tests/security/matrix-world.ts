/** Two workspaces of one member, one of a stranger, and in each what a path can name. */
import { newKey } from "../../packages/server/src/callers/keys.ts"
import { call, createApp, type Credential, type TestApp } from "../harness/api.ts"
import { connectUser } from "../harness/app-users.ts"
import { consent, type BeginBody } from "../harness/connect.ts"
import { join } from "../harness/members.ts"
import { ownerKey, type TestServer } from "../harness/server.ts"
import { mintToken } from "../harness/user-tokens.ts"
import type { CallerName, IdKind } from "./matrix-rows.ts"
import { addMember } from "./with-storage.ts"

/** Values for a path's parameters. */
export type Ids = Readonly<Record<string, string>>

export interface World {
  readonly callers: Readonly<Record<CallerName, Credential>>
  ids(kind: IdKind): Ids
  /** An own app and workspace, with a record in it that does not exist. */
  readonly mixedMissing: Ids
  /** The same kind, made for one call. */
  freshIds(kind: IdKind): Promise<Ids>
}

interface Home {
  readonly as: Credential
  readonly workspaceId: string
}

const missing: Ids = {
  app: "app_00000000000000000000000000",
  type: "slack",
  connectorId: "con_00000000000000000000000000",
  issuerId: "iss_00000000000000000000000000",
  name: "hello",
  connectionId: "conn_00000000000000000000000000",
  userId: "user",
  id: "con_00000000000000000000000000",
  apiKeyId: "key_00000000000000000000000000",
  serviceKeyId: "sk_00000000000000000000000000",
  ws: "ws_00000000000000000000000000",
  memberId: "mem_00000000000000000000000000",
  webhookId: "wh_00000000000000000000000000",
  deliveryId: "msg_00000000000000000000000000",
  attempt: "A".repeat(43),
  context: "con_00000000000000000000000000",
  code: "NO_SUCH_CODE",
  secret: "B".repeat(43),
  jobId: "job_00000000000000000000000000",
}

export async function createWorld(server: TestServer): Promise<World> {
  const stranger = await addMember(server, null)
  const own: Home = {
    as: { apiKey: ownerKey },
    workspaceId: await firstWorkspace(server, { apiKey: ownerKey }),
  }
  const second = await secondWorkspace(server, own)
  const apps = {
    own: await createApp(server.url, "own", own.as),
    sibling: await createApp(server.url, "sibling", own.as),
    foreign: await createApp(server.url, "foreign", stranger.as),
  }
  const ids = {
    own: await withMember(server, own, await fill(server, "own", [own, own], apps.own)),
    sibling: await withMember(server, second, await fill(server, "sibling", [own, second], apps.sibling)),
    foreign: await withMember(
      server,
      stranger,
      await fill(server, "foreign", [stranger, stranger], apps.foreign),
    ),
  }
  const homes = { own: [own, own], sibling: [own, second], foreign: [stranger, stranger] } as const
  return {
    callers: {
      none: null,
      unknown: { bearer: newKey("gsk_").secret },
      member: own.as,
      foreignMember: stranger.as,
      service: { bearer: apps.own.serviceKey },
      siblingService: { bearer: apps.sibling.serviceKey },
      foreignService: { bearer: apps.foreign.serviceKey },
      user: { bearer: await mintToken(server.url, apps.own, "user") },
      siblingUser: { bearer: await mintToken(server.url, apps.sibling, "user") },
      foreignUser: { bearer: await mintToken(server.url, apps.foreign, "user") },
    },
    ids: (kind) => pick(kind, ids),
    mixedMissing: pick("mixed", { ...ids, foreign: missing }),
    async freshIds(kind) {
      if (kind === "missing" || kind === "mixed") return pick(kind, ids)
      const [appHome] = homes[kind]
      return fill(server, kind, homes[kind], await createApp(server.url, kind, appHome.as))
    },
  }
}

function pick(kind: IdKind, ids: { readonly own: Ids; readonly sibling: Ids; readonly foreign: Ids }): Ids {
  if (kind === "missing") return missing
  if (kind !== "mixed") return ids[kind]
  const { apiKeyId = "", connectionId = "", connectorId = "", id = "" } = ids.foreign
  const { issuerId = "", memberId = "", serviceKeyId = "" } = ids.foreign
  const { deliveryId = "", jobId = "", webhookId = "" } = ids.foreign
  return {
    ...ids.own,
    deliveryId,
    apiKeyId,
    connectionId,
    connectorId,
    id,
    issuerId,
    memberId,
    serviceKeyId,
    webhookId,
    jobId,
  }
}

async function firstWorkspace(server: TestServer, as: Credential): Promise<string> {
  const answer = await call<{ workspaces: { id: string }[] }>(
    server.url,
    "GET",
    "/api/workspace/workspaces",
    { as },
  )
  return answer.body.workspaces[0]?.id ?? ""
}

async function secondWorkspace(server: TestServer, own: Home): Promise<Home> {
  const created = await call<{ id: string }>(server.url, "POST", "/api/workspace/workspaces", {
    as: own.as,
    body: { name: "Second" },
  })
  const path = `/api/workspace/${created.body.id}/api-keys`
  const key = await call<{ key: string }>(server.url, "POST", path, { as: own.as, body: { name: "second" } })
  return { as: { apiKey: key.body.key }, workspaceId: created.body.id }
}

/** A member in the place of the invitation: one is slow to make, and its role can be changed again and again. */
async function withMember(server: TestServer, home: Home, ids: Ids): Promise<Ids> {
  const { memberId } = await join(server.url, home.workspaceId, "viewer", home.as)
  return { ...ids, memberId }
}

/** The value for one parameter of a route's path. */
export function idFor(param: string, pattern: string, ids: Ids): string {
  if (param !== "keyId") return ids[param] ?? "none"
  return ids[pattern.includes("service-keys") ? "serviceKeyId" : "apiKeyId"] ?? "none"
}

let count = 0

/**
 * A connector, a key and an invitation in the workspace; a service key, an attempt, two shared connections and a
 * user's in the app.
 */
async function fill(
  server: TestServer,
  kind: IdKind,
  [appHome, workspaceHome]: readonly [Home, Home],
  app: TestApp,
): Promise<Ids> {
  count += 1
  const connector = await create(
    server,
    workspaceHome.as,
    `/api/workspace/${workspaceHome.workspaceId}/connectors`,
    {
      integration_type: "notion",
      name: `connector of ${count}`,
    },
  )
  // The app's workspace may be another one than the one that the path of workspace routes names.
  const appConnector = await create(server, appHome.as, `/api/workspace/${appHome.workspaceId}/connectors`, {
    integration_type: "notion",
    name: `app connector of ${count}`,
  })
  await connect(server, appHome, app, { integration_type: "slack" })
  await connect(server, appHome, app, { integration_type: "notion", connector_id: appConnector })
  const begun = await begin(server, appHome, app, { integration_type: "dropbox" })
  const webhooks = `/api/workspace/${workspaceHome.workspaceId}/webhooks`
  const webhookId = await create(server, workspaceHome.as, webhooks, {
    url: "http://127.0.0.1:9/hook",
    events: ["connection.reconnect_required"],
  })
  const user = { id: "user", token: await mintToken(server.url, app, "user") }
  const { connectionId } = await connectUser(server.url, app, user, appConnector)
  return {
    app: app.id,
    type: "slack",
    connectorId: appConnector,
    connectionId,
    userId: user.id,
    userToken: user.token,
    home: kind,
    issuerId: await create(server, appHome.as, `/api/apps/${app.id}/identity-issuers`, {
      issuer: "https://login.example",
      audience: "x",
      jwks_url: "https://1.1.1.1/jwks",
    }),
    name: "hello",
    id: connector,
    ws: workspaceHome.workspaceId,
    memberId: await create(server, workspaceHome.as, `/api/workspace/${workspaceHome.workspaceId}/members`, {
      email: `invited-to-${count}@example.com`,
      role: "viewer",
    }),
    apiKeyId: await create(server, workspaceHome.as, `/api/workspace/${workspaceHome.workspaceId}/api-keys`, {
      name: "x",
    }),
    serviceKeyId: await create(server, appHome.as, `/api/apps/${app.id}/service-keys`, { name: "x" }),
    webhookId,
    deliveryId: await create(server, workspaceHome.as, `${webhooks}/${webhookId}/test`, {}),
    jobId: await create(
      server,
      workspaceHome.as,
      `/api/workspace/${workspaceHome.workspaceId}/disconnect-jobs`,
      { integration_type: "wrike", confirm: "wrike" },
    ),
    attempt: new URL(begun.redirect_url ?? "").pathname.split("/").at(-1) ?? "",
    context: "sandbox-slack",
    code: "NO_SUCH_CODE",
    secret: "B".repeat(43),
  }
}

async function create(
  server: TestServer,
  as: Credential,
  path: string,
  body: Record<string, unknown>,
): Promise<string> {
  const answer = await call<{ id: string }>(server.url, "POST", path, { as, body })
  if (answer.status >= 300) throw new Error(`${path}: ${JSON.stringify(answer.body)}`)
  return answer.body.id
}

async function begin(
  server: TestServer,
  home: Home,
  app: TestApp,
  body: Record<string, unknown>,
): Promise<BeginBody> {
  return (
    await call<BeginBody>(server.url, "POST", `/api/apps/${app.id}/external-auth/initiate`, {
      as: home.as,
      body,
    })
  ).body
}

async function connect(
  server: TestServer,
  home: Home,
  app: TestApp,
  body: Record<string, unknown>,
): Promise<void> {
  const page = await consent((await begin(server, home, app, body)).redirect_url ?? "")
  if (page.status !== 200) throw new Error(`the consent failed: ${page.html}`)
}
