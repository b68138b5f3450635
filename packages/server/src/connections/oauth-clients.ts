/** Which OAuth client serves a type, an attempt or a connection: the workspace's, else the operator's, else the sandbox's. */
import { type Catalog, type ConnectorDefinition, selfHostedValues } from "@grantry/catalog"
import type { Config } from "../config.ts"
import { GrantryError } from "../errors.ts"
import type { OAuthClient } from "../oauth/oauth-client.ts"
import type { Storage } from "../storage/storage.ts"
import type { Connector, CredentialSource } from "../storage/stores/connectors.ts"
import type { SealContext, Vault } from "../vault/vault.ts"
import { credentialUnreadable, oauthClientMissing, unknownConnectorType } from "./errors.ts"

/** What a stored record says of the client it was made with. */
export interface ClientReference {
  readonly workspaceId: string
  readonly type: string
  readonly connectorId: string | null
  readonly credentialSource: CredentialSource
}

export interface OAuthClients {
  /** For new consents of type-addressed connections. */
  forType(workspaceId: string, type: string): Promise<OAuthClient>
  forConnector(connector: Connector): Promise<OAuthClient>
  /** The very client that a grant belongs to; OAUTH_CLIENT_MISSING when it is gone. */
  forReference(reference: ClientReference): Promise<OAuthClient>
}

/** Credentials of the emulated providers; null when the sandbox is off. */
export type SandboxClient = ((type: string) => { clientId: string; clientSecret: string }) | null

interface Dependencies {
  readonly config: Pick<Config, "operatorClients">
  readonly catalog: Catalog
  readonly storage: Pick<Storage, "connectors">
  readonly vault: Vault
  readonly sandboxClient: SandboxClient
}

export function connectorSecretContext(
  connector: Pick<Connector, "id" | "workspaceId" | "type">,
): SealContext {
  return {
    workspaceId: connector.workspaceId,
    record: "connector",
    recordId: connector.id,
    field: "client_secret",
    bound: [connector.type],
  }
}

export function definitionOf(catalog: Catalog, type: string): ConnectorDefinition {
  const definition = catalog.byType(type)
  if (!definition) throw unknownConnectorType(type, catalog.nearest(type))
  return definition
}

export function createOAuthClients(deps: Dependencies): OAuthClients {
  return {
    async forType(workspaceId, type) {
      const definition = definitionOf(deps.catalog, type)
      const connector = await deps.storage.connectors.findByType(workspaceId, type)
      if (connector) return ofConnector(deps, definition, connector)
      return ofOperator(deps, definition) ?? ofSandbox(deps, definition) ?? missing(definition)
    },
    forConnector: (connector) => ofConnector(deps, definitionOf(deps.catalog, connector.type), connector),
    async forReference(reference) {
      const definition = definitionOf(deps.catalog, reference.type)
      if (reference.connectorId !== null) {
        const connector = await deps.storage.connectors.find(reference.workspaceId, reference.connectorId)
        return connector ? ofConnector(deps, definition, connector) : missing(definition)
      }
      const client =
        reference.credentialSource === "operator" ? ofOperator(deps, definition) : ofSandbox(deps, definition)
      return client ?? missing(definition)
    },
  }
}

function missing(definition: ConnectorDefinition): never {
  throw oauthClientMissing(definition)
}

async function ofConnector(
  deps: Dependencies,
  definition: ConnectorDefinition,
  connector: Connector,
): Promise<OAuthClient> {
  if (connector.credentialSource === "sandbox")
    return ofSandbox(deps, definition, connector) ?? missing(definition)
  if (connector.clientId === null || connector.sealedClientSecret === null) return missing(definition)
  return {
    definition,
    source: "byo",
    connectorId: connector.id,
    clientId: connector.clientId,
    clientSecret: await openSecret(deps.vault, connector, connector.sealedClientSecret),
    ownConfig: selfHostedValues(definition.config.asked, connector.config),
    context: connector.id,
  }
}

async function openSecret(vault: Vault, connector: Connector, sealed: Uint8Array): Promise<string> {
  try {
    return await vault.open(connectorSecretContext(connector), sealed)
  } catch (error) {
    if (error instanceof GrantryError) throw error
    throw credentialUnreadable(error)
  }
}

function ofOperator(deps: Dependencies, definition: ConnectorDefinition): OAuthClient | null {
  const { byType, byFamily } = deps.config.operatorClients
  const own = byType[definition.type]
  const shared = definition.family === null ? undefined : byFamily[definition.family]
  const credentials = own ?? shared
  if (!credentials) return null
  // A family's client has one redirect URI for all its types: they are one provider.
  const context = `operator-${own || definition.family === null ? definition.type : definition.family}`
  const ownConfig = selfHostedValues(definition.config.asked, {})
  return { definition, source: "operator", connectorId: null, ...credentials, ownConfig, context }
}

function ofSandbox(
  deps: Dependencies,
  definition: ConnectorDefinition,
  connector?: Connector,
): OAuthClient | null {
  if (!deps.sandboxClient) return null
  return {
    definition,
    source: "sandbox",
    connectorId: connector?.id ?? null,
    ...deps.sandboxClient(definition.type),
    ownConfig: selfHostedValues(definition.config.asked, connector?.config ?? {}),
    context: connector?.id ?? `sandbox-${definition.type}`,
  }
}

/** The URI to register at the provider: built from configuration alone. */
export function redirectUri(publicUrl: string, client: Pick<OAuthClient, "context">): string {
  return `${publicUrl}/api/external-auth/callback/${client.context}`
}
