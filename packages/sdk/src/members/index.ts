/** Client for members: the command line and the dashboard call the server through it. */
export type { AppsApi } from "./apps.ts"
export type { AuditApi } from "./audit.ts"
export type { ConnectorsApi } from "./connectors.ts"
export type { DisconnectJobsApi } from "./disconnect-jobs.ts"
export { createDeviceLogin } from "./device-login.ts"
export type {
  DeviceCode,
  DeviceLogin,
  DeviceLoginConfig,
  DevicePending,
  LoginTokens,
  UserInfo,
} from "./device-login.ts"
export { GrantryError } from "../errors.ts"
export type { KeysApi } from "./keys.ts"
export { createMembersClient } from "./members-client.ts"
export type { MembersClient } from "./members-client.ts"
export type { PeopleApi } from "./people.ts"
export type { MemberCredential, MemberRequest, MembersConfig, Send } from "./send.ts"
export { readServerHealth } from "./server-health.ts"
export type { ServerHealth } from "./server-health.ts"
export type { SharedConnectionsApi } from "./shared-connections.ts"
export type { WebhooksApi } from "./webhooks.ts"
export type { WorkspacesApi } from "./workspaces.ts"
