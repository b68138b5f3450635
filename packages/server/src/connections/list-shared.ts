/** The app's shared connections as the CLI reads them: one line per type. */
import type { SharedConnection } from "@grantry/sdk/wire"
import type { Services } from "../services.ts"
import type { App } from "../storage/stores/apps.ts"
import type { Connection } from "../storage/stores/connections.ts"

export async function listShared(
  services: Pick<Services, "storage">,
  app: App,
): Promise<readonly SharedConnection[]> {
  const connections = await services.storage.connections.listByApp(app.workspaceId, app.id, "app")
  const byType = connections.filter((connection) => connection.slot.startsWith("type:"))
  return Promise.all(byType.map((connection) => shapeLine(services, connection)))
}

async function shapeLine(
  services: Pick<Services, "storage">,
  connection: Connection,
): Promise<SharedConnection> {
  const email = await emailOf(services, connection)
  return {
    integration_type: connection.type,
    status: connection.status,
    scopes: [...connection.requestedScopes],
    ...(email !== undefined && { user_email: email }),
  }
}

/** The account at the provider where it is named by an e-mail address, else the member who consented. */
async function emailOf(
  services: Pick<Services, "storage">,
  connection: Connection,
): Promise<string | undefined> {
  if (connection.accountLabel?.includes("@") === true && !connection.accountLabel.includes(" "))
    return connection.accountLabel
  if (connection.connectedBy === null) return undefined
  return (await services.storage.accounts.findMember(connection.connectedBy))?.email
}
