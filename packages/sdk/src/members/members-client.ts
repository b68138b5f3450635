import { type AppsApi, appsApi } from "./apps.ts"
import { type AuditApi, auditApi } from "./audit.ts"
import { type ConnectorsApi, connectorsApi } from "./connectors.ts"
import { type DisconnectJobsApi, disconnectJobsApi } from "./disconnect-jobs.ts"
import { apiKeysApi, type KeysApi, serviceKeysApi } from "./keys.ts"
import { type PeopleApi, peopleApi } from "./people.ts"
import { createDownload, createSend, type MembersConfig, type Send } from "./send.ts"
import { type SharedConnectionsApi, sharedConnectionsApi } from "./shared-connections.ts"
import { type WebhooksApi, webhooksApi } from "./webhooks.ts"
import { type WorkspacesApi, workspacesApi } from "./workspaces.ts"

/** What members do: CONTRACT sections 4, 6 and 10. Every call throws `GrantryError`. */
export interface MembersClient {
  readonly apps: AppsApi
  readonly serviceKeys: KeysApi
  readonly apiKeys: KeysApi
  readonly connectors: ConnectorsApi
  readonly sharedConnections: SharedConnectionsApi
  readonly workspaces: WorkspacesApi
  readonly members: PeopleApi
  readonly audit: AuditApi
  readonly webhooks: WebhooksApi
  readonly disconnectJobs: DisconnectJobsApi
  /** For calls that have no method here. */
  readonly send: Send
}

/**
 * @param config where the server is and who calls
 * @throws TypeError when serverUrl is no http(s) address
 */
export function createMembersClient(config: MembersConfig): MembersClient {
  const send = createSend(config)
  return {
    apps: appsApi(send),
    serviceKeys: serviceKeysApi(send),
    apiKeys: apiKeysApi(send),
    connectors: connectorsApi(send),
    sharedConnections: sharedConnectionsApi(send),
    workspaces: workspacesApi(send),
    members: peopleApi(send),
    audit: auditApi(send, createDownload(config)),
    webhooks: webhooksApi(send),
    disconnectJobs: disconnectJobsApi(send),
    send,
  }
}
