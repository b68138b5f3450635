import type {
  Connector,
  ConnectorListAnswer,
  ConnectorReservation,
  CreateConnectorRequest,
  UpdateConnectorRequest,
  UpdatedConnector,
} from "../wire/connectors.ts"
import { everyPage } from "./pages.ts"
import type { Send } from "./send.ts"

/** OAuth clients registered in a workspace. */
export interface ConnectorsApi {
  list(workspaceId: string): Promise<readonly Connector[]>
  /** The redirect URI of a connector that is yet to be made: providers want it first. */
  reserve(workspaceId: string): Promise<ConnectorReservation>
  create(workspaceId: string, request: CreateConnectorRequest): Promise<Connector>
  get(workspaceId: string, connectorId: string): Promise<Connector>
  /** Its connections stay. */
  update(workspaceId: string, connectorId: string, changes: UpdateConnectorRequest): Promise<UpdatedConnector>
  /** Revokes and destroys its connections. */
  delete(
    workspaceId: string,
    connectorId: string,
  ): Promise<{ readonly status: "deleted"; readonly id: string }>
}

export function connectorsApi(send: Send): ConnectorsApi {
  const all = (workspaceId: string) => ["workspace", workspaceId, "connectors"]
  return {
    list(workspaceId) {
      return everyPage(
        (query) => send<ConnectorListAnswer>({ method: "GET", path: all(workspaceId), query: { ...query } }),
        (answer) => answer.connectors,
      )
    },
    reserve: (workspaceId) => send({ method: "POST", path: [...all(workspaceId), "reservations"] }),
    create: (workspaceId, body) => send({ method: "POST", path: all(workspaceId), body }),
    get: (workspaceId, id) => send({ method: "GET", path: [...all(workspaceId), id] }),
    update: (workspaceId, id, body) => send({ method: "PUT", path: [...all(workspaceId), id], body }),
    delete: (workspaceId, id) => send({ method: "DELETE", path: [...all(workspaceId), id] }),
  }
}
