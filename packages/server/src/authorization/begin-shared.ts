/** Starts the authorization of an app's own (shared) connection: type-addressed, or that of one workspace connector. */
import { type ConnectorDefinition, missingScopes } from "@grantry/catalog"
import { definitionOf } from "../connections/oauth-clients.ts"
import { GrantryError } from "../errors.ts"
import type { OAuthClient } from "../oauth/oauth-client.ts"
import type { Services } from "../services.ts"
import type { App } from "../storage/stores/apps.ts"
import type { Connection, ConnectionAddress } from "../storage/stores/connections.ts"
import { auditBegun } from "./audit-begun.ts"
import { initialConfig } from "./initial-config.ts"
import { connectPageUrl, newAttempt } from "./new-attempt.ts"
import { checkedScopes, sameScopes } from "./scopes.ts"

export interface BeginRequest {
  readonly app: App
  readonly memberId: string
  readonly type: string
  /** With it, the connection of that connector, apart from the type-addressed one. */
  readonly connectorId?: string | undefined
  readonly scopes?: readonly string[] | undefined
  readonly config?: Readonly<Record<string, string>> | undefined
  /** `replace`: exactly these scopes; `add`: besides those that the connection has. */
  readonly mode: "replace" | "add"
  /** Takes the connection over from a colleague, and asks for consent even where none is needed. */
  readonly force: boolean
}

/** The six keys of CONTRACT section 4. */
export interface BeginAnswer {
  readonly redirect_url: string | null
  readonly connection_id: string | null
  readonly already_authorized: boolean
  readonly error: "different_user" | null
  readonly error_message: string | null
  readonly other_user_email: string | null
}

type Dependencies = Pick<Services, "config" | "catalog" | "clock" | "storage" | "clients" | "audit">

export async function beginShared(deps: Dependencies, request: BeginRequest): Promise<BeginAnswer> {
  const client = await resolveClient(deps, request)
  const address = addressOf(request, client)
  const existing = await deps.storage.connections.findByAddress(address)
  const config = initialConfig(client, { ...existing?.config, ...client.config }, request.config)
  const scopes = requestedScopes(request, client, existing)
  if (existing?.status === "active" && !request.force) {
    const settled = await answerWithoutConsent(deps, request, client.definition, existing, scopes, config)
    if (settled) return settled
  }
  const attempt = newAttempt(deps, {
    address,
    client,
    config,
    scopes,
    existing,
    asker: { startedBy: request.memberId, askedBy: null, loginHint: null, forceReconnect: request.force },
  })
  await deps.storage.attempts.insert(attempt)
  await deps.storage.attempts.supersede(attempt)
  await auditBegun(deps, attempt)
  return {
    ...nothing,
    redirect_url: connectPageUrl(deps, attempt),
    connection_id: attempt.connectionId,
  }
}

const nothing: BeginAnswer = {
  redirect_url: null,
  connection_id: null,
  already_authorized: false,
  error: null,
  error_message: null,
  other_user_email: null,
}

/** The OAuth client and what its connector fixes. */
interface ChosenClient extends OAuthClient {
  readonly scopes: readonly string[]
  readonly config: Readonly<Record<string, string>>
}

async function resolveClient(deps: Dependencies, request: BeginRequest): Promise<ChosenClient> {
  const definition = definitionOf(deps.catalog, request.type)
  if (request.connectorId === undefined) {
    const connector = await deps.storage.connectors.findByType(request.app.workspaceId, request.type)
    const client = await deps.clients.forType(request.app.workspaceId, request.type)
    return {
      ...client,
      scopes: connector?.scopes ?? definition.authorize.defaultScopes,
      config: connector?.config ?? {},
    }
  }
  const connector = await deps.storage.connectors.find(request.app.workspaceId, request.connectorId)
  if (!connector) throw new GrantryError("NOT_FOUND", 404, "There is no such connector in this workspace.")
  if (connector.type !== request.type) {
    const message = `integration_type is "${request.type}", but connector ${connector.id} is for ${connector.type}`
    throw new GrantryError("INVALID_REQUEST", 400, message)
  }
  return {
    ...(await deps.clients.forConnector(connector)),
    scopes: connector.scopes,
    config: connector.config,
  }
}

function addressOf(request: BeginRequest, client: OAuthClient): ConnectionAddress {
  const slot =
    request.connectorId === undefined ? `type:${client.definition.type}` : `connector:${request.connectorId}`
  return { workspaceId: request.app.workspaceId, appId: request.app.id, ownerKind: "app", ownerId: "", slot }
}

function requestedScopes(
  request: BeginRequest,
  client: ChosenClient,
  existing: Connection | undefined,
): readonly string[] {
  const given = request.scopes && checkedScopes(request.scopes)
  if (request.mode === "replace") return given ?? client.scopes
  const held = existing && existing.status !== "disconnected" ? existing.requestedScopes : []
  const added = given ?? (held.length > 0 ? [] : client.scopes)
  return [...new Set([...held, ...added])]
}

/** An active connection may already be what is asked for, or belong to a colleague. */
async function answerWithoutConsent(
  deps: Dependencies,
  request: BeginRequest,
  definition: ConnectorDefinition,
  existing: Connection,
  scopes: readonly string[],
  config: Readonly<Record<string, string>>,
): Promise<BeginAnswer | undefined> {
  if (existing.connectedBy !== null && existing.connectedBy !== request.memberId) {
    const colleague = await deps.storage.accounts.findMember(existing.connectedBy)
    return {
      ...nothing,
      connection_id: existing.id,
      error: "different_user",
      error_message: `${definition.displayName} was connected by ${colleague?.email ?? "a colleague"}. Use force_reconnect to take it over.`,
      other_user_email: colleague?.email ?? null,
    }
  }
  const sameConfig = Object.entries(config).every(([name, value]) => existing.config[name] === value)
  const complete = missingScopes(definition, existing.requestedScopes, existing.grantedScopes).length === 0
  if (!sameConfig || !complete || !sameScopes(existing.requestedScopes, scopes)) return undefined
  return { ...nothing, connection_id: existing.id, already_authorized: true }
}
