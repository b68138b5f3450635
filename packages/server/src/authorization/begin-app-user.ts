/** Starts the authorization of an app user's own connection at one workspace connector. */
import type { InitiateAnswer } from "@grantry/sdk/wire"
import type { AppUserCaller } from "../callers/caller.ts"
import { GrantryError } from "../errors.ts"
import type { Services } from "../services.ts"
import type { App } from "../storage/stores/apps.ts"
import type { Attempt } from "../storage/stores/attempts.ts"
import type { Connector } from "../storage/stores/connectors.ts"
import { appUserAddress } from "../connections/app-user-address.ts"
import { configuredConnector } from "../connections/app-user-connections.ts"
import { auditBegun } from "./audit-begun.ts"
import { attemptContext } from "./find-attempt.ts"
import { initialConfig } from "./initial-config.ts"
import { connectPageUrl, newAttempt } from "./new-attempt.ts"
import { isPageOf } from "./return-to.ts"
import { shownUser } from "./shown-user.ts"

export interface AppUserBeginRequest {
  readonly app: App
  readonly user: AppUserCaller
  readonly connectorId: string
  /** As the caller names it: must be a page of a registered origin. */
  readonly returnTo?: string | undefined
  /** The page on which the SDK is; left aside where its origin is not registered. */
  readonly originUrl?: string | undefined
  readonly config?: Readonly<Record<string, string>> | undefined
  readonly loginHint?: string | undefined
}

type Dependencies = Pick<Services, "config" | "clock" | "storage" | "vault" | "clients" | "audit">

/** @throws NOT_FOUND when there is no such connector; INVALID_REQUEST naming the field; each is audited */
export async function beginAppUser(
  deps: Dependencies,
  request: AppUserBeginRequest,
): Promise<InitiateAnswer> {
  try {
    const attempt = await makeAttempt(deps, request)
    await deps.storage.attempts.insert(attempt)
    await deps.storage.attempts.supersede(attempt)
    await auditBegun(deps, attempt)
    return {
      redirect_url: connectPageUrl(deps, attempt),
      connection_id: attempt.connectionId,
      already_authorized: false,
    }
  } catch (error) {
    if (error instanceof GrantryError) await auditRefusal(deps, request, error)
    throw error
  }
}

async function makeAttempt(deps: Dependencies, request: AppUserBeginRequest): Promise<Attempt> {
  const { app } = request
  const connector = await configuredConnector(deps, app.workspaceId, request.connectorId)
  const returnTo = await pageToReturnTo(deps, request)
  const attempt = await attemptFor(deps, request, connector)
  if (returnTo === null) return attempt
  return { ...attempt, sealedReturnTo: await deps.vault.seal(attemptContext(attempt, "return_to"), returnTo) }
}

/** The scopes are the connector's: whoever connects an account has no say in what the app may do with it. */
async function attemptFor(
  deps: Dependencies,
  { config: given, loginHint, user }: AppUserBeginRequest,
  connector: Connector,
): Promise<Attempt> {
  const client = await deps.clients.forConnector(connector)
  const address = appUserAddress(user, connector.id)
  const existing = await deps.storage.connections.findByAddress(address)
  const config = initialConfig(client, { ...existing?.config, ...connector.config }, given)
  return newAttempt(deps, {
    address,
    client,
    config,
    existing,
    scopes: connector.scopes,
    asker: {
      startedBy: null,
      askedBy: shownUser(user),
      loginHint: loginHint ?? null,
      forceReconnect: false,
    },
  })
}

/** An app whose attempts its own page has to end cannot do without one. */
async function pageToReturnTo(deps: Dependencies, request: AppUserBeginRequest): Promise<string | null> {
  const { app, originUrl, returnTo } = request
  const origins = await deps.storage.apps.listAllowedOrigins(app.workspaceId, app.id)
  if (returnTo !== undefined && !isPageOf(origins, returnTo)) throw originNotAllowed()
  const page = returnTo ?? (originUrl !== undefined && isPageOf(origins, originUrl) ? originUrl : null)
  if (page === null && app.connectCompletion === "verified") throw returnToRequired()
  return page
}

function originNotAllowed(): GrantryError {
  const message =
    "return_to must be the full address of a page at an origin that is registered for this app, written exactly as registered. Register the origin with PUT allowed-origins."
  return new GrantryError("INVALID_REQUEST", 400, message, { body: { field: "return_to" } })
}

function returnToRequired(): GrantryError {
  const message =
    "return_to is missing: this app's connections are completed by its own page (connect_completion is verified), which must be at a registered origin."
  return new GrantryError("INVALID_REQUEST", 400, message, { body: { field: "return_to" } })
}

async function auditRefusal(
  deps: Dependencies,
  request: AppUserBeginRequest,
  error: GrantryError,
): Promise<void> {
  await deps.audit.record({
    workspaceId: request.app.workspaceId,
    appId: request.app.id,
    actor: request.user.actor,
    action: "connection.connect",
    target: request.connectorId,
    outcome: error.code,
  })
}
