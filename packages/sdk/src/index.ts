/** Client of a Grantry server. */
export type { ErrorCode } from "./wire/error-codes.ts"
export type { Account } from "./wire/account.ts"
export { createClient } from "./client.ts"
export type { ClientConfig, GrantryClient, ServiceRole } from "./client.ts"
export { createClientFromRequest } from "./client-from-request.ts"
export type { FromRequestOptions, RequestLike } from "./client-from-request.ts"
export type {
  AppUserConnection,
  AppUserConnectorsModule,
  AccountAnswer,
  AppUserStatus,
  Connected,
  ConnectOptions,
} from "./app-user-connectors.ts"
export type { ConnectedUser, ConnectorConnection, ConnectorsModule } from "./connectors.ts"
export type { CreateTokenOptions, UsersModule, UserToken } from "./users.ts"
export {
  ConnectError,
  GrantryError,
  NotConnectedError,
  ProviderUnavailableError,
  ReconnectRequiredError,
} from "./errors.ts"
export type { GrantryErrorDetails, GrantryErrorJson } from "./errors.ts"
// A star, because TypeScript merges a `declare module` into a re-exported interface only through one.
export * from "./integration-type.ts"
