/**
 * Empty here; `grantry types generate` fills it by `declare module "@grantry/sdk"` with one key for each connector
 * type, and from then on a misspelt name does not compile.
 */
export interface ConnectorIntegrationTypeRegistry {}

/** Any string while the registry is empty, else exactly its keys. */
export type ConnectorIntegrationType = keyof ConnectorIntegrationTypeRegistry extends never
  ? string
  : keyof ConnectorIntegrationTypeRegistry
