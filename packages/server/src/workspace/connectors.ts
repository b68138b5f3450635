/** A workspace's own OAuth clients: register, change, delete. */
import { checkConfigValues, type ConnectorDefinition, missingScopes } from "@grantry/catalog"
import { checkedScopes } from "../authorization/scopes.ts"
import { disconnectAll } from "../connections/disconnect-all.ts"
import { oauthClientMissing } from "../connections/errors.ts"
import { connectorSecretContext, definitionOf } from "../connections/oauth-clients.ts"
import { GrantryError } from "../errors.ts"
import { newId } from "../random.ts"
import type { Services } from "../services.ts"
import type { Connector } from "../storage/stores/connectors.ts"
import { openReservation } from "./reserve-connector.ts"

export interface ConnectorInput {
  readonly name?: string | undefined
  readonly client_id?: string | undefined
  readonly client_secret?: string | undefined
  readonly scopes?: readonly string[] | undefined
  readonly connection_config?: Readonly<Record<string, string>> | null | undefined
}

export interface NewConnector extends ConnectorInput {
  readonly integration_type: string
  readonly name: string
  /** Its id, reserved before. */
  readonly reservation?: string | undefined
}

export async function createConnector(
  services: Services,
  workspaceId: string,
  input: NewConnector,
): Promise<Connector> {
  const definition = definitionOf(services.catalog, input.integration_type)
  const source = credentialSource(services, definition, input)
  const now = services.clock.now()
  const id = await idOf(services, workspaceId, input.reservation)
  const connector: Connector = {
    id,
    workspaceId,
    type: definition.type,
    name: input.name,
    credentialSource: source,
    clientId: input.client_id ?? null,
    sealedClientSecret: await sealSecret(
      services,
      { id, workspaceId, type: definition.type },
      input.client_secret,
    ),
    scopes: checkedScopes(input.scopes ?? definition.authorize.defaultScopes),
    config: checkedConfig(definition, input.connection_config ?? {}),
    clientProblem: null,
    version: 1,
    createdAt: now,
    updatedAt: now,
  }
  if (!(await services.storage.connectors.insert(connector))) throw nameTaken(input.name)
  return connector
}

async function idOf(
  services: Services,
  workspaceId: string,
  reservation: string | undefined,
): Promise<string> {
  if (reservation === undefined) return newId("con")
  const id = await openReservation(services, workspaceId, reservation)
  if (!(await services.storage.connectors.find(workspaceId, id))) return id
  const message = `body.reservation has been used: ${id} is registered. Ask for a new one.`
  throw new GrantryError("INVALID_REQUEST", 409, message)
}

export interface ConnectorChange {
  readonly connector: Connector
  /** Connections that lack one of the new scopes; undefined when the scopes did not change. */
  readonly reconnectRequired: number | undefined
}

/** A new secret keeps the connections; new scopes apply to new consents. */
export async function updateConnector(
  services: Services,
  stored: Connector,
  input: ConnectorInput,
): Promise<ConnectorChange> {
  const definition = definitionOf(services.catalog, stored.type)
  const secret = await sealSecret(services, stored, input.client_secret)
  const changed: Connector = {
    ...stored,
    name: input.name ?? stored.name,
    clientId: input.client_id ?? stored.clientId,
    sealedClientSecret: secret ?? stored.sealedClientSecret,
    scopes: input.scopes === undefined ? stored.scopes : checkedScopes(input.scopes),
    config: input.connection_config ? checkedConfig(definition, input.connection_config) : stored.config,
    clientProblem: secret === null && input.client_id === undefined ? stored.clientProblem : null,
    version: stored.version + 1,
    updatedAt: services.clock.now(),
  }
  const source =
    changed.clientId !== null && changed.sealedClientSecret !== null ? "byo" : stored.credentialSource
  const outcome = await services.storage.connectors.update(
    { ...changed, credentialSource: source },
    stored.version,
  )
  if (outcome === "name_taken") throw nameTaken(changed.name)
  if (outcome === "stale")
    throw new GrantryError(
      "INVALID_REQUEST",
      409,
      "The connector was changed at the same time. Read it again and repeat your change.",
    )
  const reconnectRequired =
    input.scopes === undefined ? undefined : await countMissing(services, definition, changed)
  return { connector: { ...changed, credentialSource: source }, reconnectRequired }
}

/** Revokes and destroys the connector's connections, then forgets it. */
export async function removeConnector(
  services: Services,
  connector: Connector,
  actor: string,
): Promise<void> {
  const { id, workspaceId } = connector
  await disconnectAll(services, actor, (limit) =>
    services.storage.connections.listByConnector(workspaceId, id, { limit }),
  )
  await services.storage.connectors.remove(workspaceId, id)
}

const countedAtOnce = 500

async function countMissing(
  services: Services,
  definition: ConnectorDefinition,
  { id, scopes, workspaceId }: Connector,
): Promise<number> {
  let count = 0
  let after: string | undefined
  for (;;) {
    const page = { limit: countedAtOnce, ...(after !== undefined && { after }) }
    const connections = await services.storage.connections.listByConnector(workspaceId, id, page)
    const live = connections.filter(({ status }) => status !== "disconnected")
    count += live.filter(
      ({ grantedScopes }) => missingScopes(definition, scopes, grantedScopes).length > 0,
    ).length
    after = connections.at(-1)?.id
    if (connections.length < countedAtOnce) return count
  }
}

function credentialSource(
  services: Services,
  definition: ConnectorDefinition,
  input: ConnectorInput,
): "byo" | "sandbox" {
  if (input.client_id !== undefined && input.client_secret !== undefined) return "byo"
  if (input.client_id !== undefined) throw missingField("client_secret", "client_id")
  if (input.client_secret !== undefined) throw missingField("client_id", "client_secret")
  if (!services.config.sandbox) throw oauthClientMissing(definition)
  return "sandbox"
}

function missingField(missing: string, given: string): GrantryError {
  return new GrantryError("INVALID_REQUEST", 400, `body.${missing} is missing: it belongs with ${given}`)
}

function nameTaken(name: string): GrantryError {
  return new GrantryError(
    "NAME_TAKEN",
    409,
    `A connector named "${name}" exists already in this workspace. Choose another name.`,
  )
}

async function sealSecret(
  services: Services,
  connector: Pick<Connector, "id" | "workspaceId" | "type">,
  secret: string | undefined,
): Promise<Uint8Array | null> {
  return secret === undefined ? null : services.vault.seal(connectorSecretContext(connector), secret)
}

/** Values may be given in part: the connect page asks for the rest. */
function checkedConfig(
  definition: ConnectorDefinition,
  values: Readonly<Record<string, string>>,
): Record<string, string> {
  const fields = definition.config.asked.filter((field) => Object.hasOwn(values, field.name))
  const checked = checkConfigValues(fields, values)
  if (!checked.ok)
    throw new GrantryError(
      "INVALID_REQUEST",
      400,
      `body.connection_config.${checked.field}: ${checked.message}`,
    )
  return checked.values
}
