/** The answers of CONTRACT.md sections 2 and 5 about app users. Connector IDs name the case. */
import type {
  AppUserConnectionListAnswer,
  AppUserStatusAnswer,
  ConnectorUserListAnswer,
  InitiateAnswer,
  MintedUserToken,
} from "@grantry/sdk/wire"
import { error, json, type Answer } from "./answers.ts"

interface AppUserRequest {
  readonly method: string
  readonly path: string
  readonly body: string
  readonly asService: boolean
  readonly self: string
}

const base = "/api/apps/app_1"
const nobody: AppUserStatusAnswer = { status: "not_connected", account: null, scopes: [], missing_scopes: [] }
export const ada: AppUserStatusAnswer = {
  status: "connected",
  account: { id: "U1", label: "ada@example.com" },
  scopes: ["read"],
  missing_scopes: ["write"],
}

const users: readonly ConnectorUserListAnswer[] = [
  {
    users: [{ user_id: "u1", status: "connected", account: ada.account, missing_scopes: [] }],
    next_cursor: "page two&",
  },
  {
    users: [{ user_id: "u/2", status: "reconnect_required", account: null, missing_scopes: ["write"] }],
    next_cursor: null,
  },
]

const connections: readonly AppUserConnectionListAnswer[] = [
  {
    connections: [
      {
        ...ada,
        connector_id: "con_1",
        connection_id: "conn_1",
        integration_type: "slack",
        display_name: "Slack",
        connected_at: "2026-01-02T03:04:05.000Z",
      },
    ],
    next_cursor: "page two&",
  },
  {
    connections: [
      {
        ...nobody,
        connector_id: "con_2",
        connection_id: "conn_2",
        integration_type: "notion",
        display_name: "Notion",
        connected_at: "2026-01-02T03:04:05.000Z",
      },
    ],
    next_cursor: null,
  },
]

const userAnswers: Readonly<
  Record<string, (id: string, request: AppUserRequest, connected: Set<string>) => Answer>
> = {
  "POST initiate": (id, { self }) => {
    if (id === "unknown") return error(404, "NOT_FOUND", "Connector authorization not configured")
    const answer: InitiateAnswer = {
      redirect_url: `${self}/connect/${id}`,
      connection_id: `conn_${id}`,
      already_authorized: false,
    }
    return json(200, answer)
  },
  "GET status": (id, _request, connected) => json(200, connected.has(id) ? ada : nobody),
  "DELETE undefined": (id, _request, connected) =>
    connected.delete(id)
      ? json(200, { status: "disconnected", connector_id: id, revoked: "revoked" })
      : error(404, "NOT_FOUND", "No active connection found for this connector"),
}

/** @returns undefined for routes that are none of these */
export function answerAppUser(request: AppUserRequest, connected: Set<string>): Answer | undefined {
  const { method, asService } = request
  const { pathname, searchParams } = new URL(request.path, request.self)
  const page = searchParams.get("cursor") === "page two&" ? 1 : 0
  const [, consented] = /^\/consent\/(.+)$/.exec(pathname) ?? []
  if (consented) return json(200, { done: connected.add(consented).size })
  const [, id = "", act] = /\/app-user-auth\/connectors\/([^/]+)(?:\/(\w+))?$/.exec(pathname) ?? []
  if (asService && act === "users") return json(200, users[page])
  if (asService && pathname === `${base}/users/token`) return mintToken()
  if (asService) return undefined
  if (pathname === `${base}/app-user-auth/connections`) return json(200, connections[page])
  if (pathname === `${base}/app-user-auth/complete`) return complete(request.body, connected)
  return userAnswers[`${method} ${act}`]?.(decodeURIComponent(id), request, connected)
}

function mintToken(): Answer {
  const answer: MintedUserToken = { token: "minted.jwt", expires_at: "2030-01-02T03:04:05.000Z" }
  return json(200, answer)
}

/** A handle is `handle_` and the connector's ID. */
function complete(body: string, connected: Set<string>): Answer {
  const [, id] = /"handle":"handle_(\w+)"/.exec(body) ?? []
  if (!id) return error(410, "ATTEMPT_OVER", "This attempt is over")
  connected.add(id)
  return json(200, { status: "connected", connector_id: id, connection_id: `conn_${id}` })
}
