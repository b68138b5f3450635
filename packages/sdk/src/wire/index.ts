/** Request and response types of the HTTP interface, snake_case as on the wire. The server's routes satisfy them. */
export type { Account } from "./account.ts"
export type {
  AppUserConnection,
  AppUserConnectionListAnswer,
  AppUserConnectionStatus,
  AppUserDisconnectAnswer,
  AppUserInitiateRequest,
  AppUserStatusAnswer,
  CompleteAnswer,
  CompleteRequest,
  ConnectMessage,
  ConnectOutcome,
  ConnectorUser,
  ConnectorUserListAnswer,
  InitiateAnswer,
} from "./app-user-auth.ts"
export type { AppUser, MintedUserToken, MintUserTokenRequest } from "./app-users.ts"
export type {
  AllowedOrigins,
  App,
  AppListAnswer,
  ConnectCompletion,
  CreateAppRequest,
  DeletingApp,
  UpdateAppRequest,
} from "./apps.ts"
export type {
  AuditEvent,
  AuditEventListAnswer,
  AuditEventQuery,
  AuditExportLine,
  AuditExportQuery,
  AuditFilter,
  AuditVerifyAnswer,
  AuditVerifyQuery,
} from "./audit-events.ts"
export type { ConnectorTypeInfo, ConnectorTypeListAnswer } from "./connector-types.ts"
export type {
  ConnectionDetails,
  ConnectionDisconnectAnswer,
  ConnectionListAnswer,
  ConnectionListQuery,
  ConnectionSummary,
  UserConnectionQuery,
} from "./connections.ts"
export type {
  Connector,
  ConnectorCredentialSource,
  ConnectorListAnswer,
  ConnectorReservation,
  CreateConnectorRequest,
  UpdateConnectorRequest,
  UpdatedConnector,
} from "./connectors.ts"
export type {
  DisconnectCovers,
  DisconnectJob,
  DisconnectJobListAnswer,
  RevocationSums,
  StartDisconnectJobRequest,
} from "./disconnect-jobs.ts"
export type { ErrorBody, ReconnectRequiredBody } from "./error-body.ts"
export type { ErrorCode } from "./error-codes.ts"
export type {
  AddIdentityIssuerRequest,
  IdentityIssuer,
  IdentityIssuerListAnswer,
} from "./identity-issuers.ts"
export type {
  AuthorizationAnswer,
  AuthorizationStatusAnswer,
  AuthorizationStatusQuery,
  AvailableIntegration,
  AvailableIntegrationsAnswer,
  CheckAnswer,
  CheckStep,
  ConnectionConfigField,
  DisconnectAnswer,
  InitiateRequest,
  IntegrationListAnswer,
  IntegrationStatus,
  SharedConnection,
  PutIntegrationRequest,
  RedirectUri,
  RedirectUrisAnswer,
  RemoveAnswer,
  RevocationReceipt,
  StripeStatusAnswer,
} from "./integrations.ts"
export type {
  ApiKeyListAnswer,
  CreatedKey,
  CreateKeyRequest,
  KeySummary,
  ServiceKeyListAnswer,
} from "./keys.ts"
export type { ListQuery, Page } from "./list.ts"
export type {
  ChangeRoleRequest,
  InvitedMember,
  InviteRequest,
  MemberListAnswer,
  RemovedMember,
  RemoveMemberQuery,
  WorkspaceMember,
} from "./members.ts"
export type { TokenAnswer } from "./token-answer.ts"
export type {
  CreatedWebhook,
  CreateWebhookRequest,
  RotatedWebhookSecret,
  Webhook,
  WebhookConnection,
  WebhookDelivery,
  WebhookDeliveryListAnswer,
  WebhookEvent,
  WebhookEventType,
  WebhookListAnswer,
  WebhookTestEvent,
} from "./webhooks.ts"
export type { DeleteWorkspaceQuery, StartedWorkspaceClosure, WorkspaceClosure } from "./workspace-closures.ts"
export type {
  ConnectionHealth,
  RefreshHistory,
  RefreshHistorySpan,
  RefreshOutcomeCounts,
  WorkspaceHealth,
} from "./workspace-health.ts"
export type { CreateWorkspaceRequest, Workspace, WorkspaceListAnswer, WorkspaceRole } from "./workspaces.ts"
