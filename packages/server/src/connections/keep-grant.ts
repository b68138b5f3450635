/** What a provider has just handed out is sealed and stored, and held in memory while the database is away. */
import { learnedConfig } from "@grantry/catalog"
import type { OAuthClient } from "../oauth/oauth-client.ts"
import type { IssuedGrant } from "../oauth/outcome.ts"
import type { Connection, RefreshWrite } from "../storage/stores/connections.ts"
import { tokenTimes } from "./freshness.ts"
import type { FlightAids, LeasedRefreshDependencies } from "./leased-refresh.ts"
import { isAway } from "./is-away.ts"
import type { RefreshResult } from "./refresh.ts"
import { type JournalEntry, writeJournal } from "./rotation-journal.ts"
import { sealToken } from "./sealed-tokens.ts"
import { type RefreshedGrant, storeGrant } from "./store-grant.ts"
import { untilStored } from "./until-stored.ts"

export interface ReceivedGrant {
  readonly connection: Connection
  readonly client: OAuthClient
  readonly grant: IssuedGrant
  /** When the token request left. */
  readonly sentAt: number
}

/** @returns undefined when the connection has moved: what stands now decides */
export async function keepGrant(
  deps: LeasedRefreshDependencies,
  received: ReceivedGrant,
  aids: FlightAids,
): Promise<RefreshResult | undefined> {
  const { connection } = received
  const write = await sealWhenPossible(deps, received, aids)
  try {
    return await store(deps, { connection, write })
  } catch (error) {
    if (!isAway(error)) throw error
    deps.log.error(
      { connectionId: connection.id, err: error },
      "holding a refreshed grant until the database is back",
    )
    aids.hold(storeWhenPossible(deps, { connection, write }, aids))
    return { kind: "usable", connection: withWrite(connection, write) }
  }
}

/** Sealing may have to read the workspace's data key. */
async function sealWhenPossible(
  deps: LeasedRefreshDependencies,
  received: ReceivedGrant,
  aids: FlightAids,
): Promise<RefreshWrite> {
  try {
    return await untilStored(() => sealedWrite(deps, received), { signal: aids.stopping })
  } catch (error) {
    deps.log.error({ connectionId: received.connection.id, err: error }, `a refreshed grant ${lost}`)
    throw error
  }
}

const lost = "is lost: its account must be connected again"

/** Whoever hands the token out looks at the row once more: it is not read here. */
async function store(
  deps: LeasedRefreshDependencies,
  refreshed: { readonly connection: Connection; readonly write: RefreshWrite },
): Promise<RefreshResult | undefined> {
  const { connection, write } = refreshed
  if ((await storeGrant(deps, refreshed)) !== "stored") return undefined
  await clearClientProblem(deps, connection)
  return { kind: "usable", connection: withWrite(connection, write) }
}

async function clearClientProblem(deps: LeasedRefreshDependencies, connection: Connection): Promise<void> {
  if (connection.connectorId === null || connection.lastRefreshError?.kind !== "client_misconfigured") return
  await deps.storage.connectors.setClientProblem(connection.workspaceId, connection.connectorId, null)
}

/** The journal survives this process; what is in it needs no more patience when the server stops. */
async function storeWhenPossible(
  deps: LeasedRefreshDependencies,
  refreshed: RefreshedGrant,
  aids: FlightAids,
): Promise<void> {
  const { id } = refreshed.connection
  const entry = await journaled(deps, refreshed)
  try {
    const outcome = await untilStored(() => storeGrant(deps, refreshed), { signal: aids.stopping })
    deps.log.info({ connectionId: id, outcome }, "the database is back and took a held grant")
  } catch (error) {
    const fate = entry ? "stays in the rotation journal until the next start" : lost
    deps.log.error({ connectionId: id, err: error }, `a refreshed grant ${fate}`)
    return
  }
  await entry?.remove()
}

async function journaled(
  deps: LeasedRefreshDependencies,
  refreshed: RefreshedGrant,
): Promise<JournalEntry | null> {
  try {
    return await writeJournal(deps.config.dataDir, refreshed)
  } catch (error) {
    deps.log.error(
      { connectionId: refreshed.connection.id, err: error },
      "a held grant could not be written to the rotation journal",
    )
    return null
  }
}

async function sealedWrite(
  deps: LeasedRefreshDependencies,
  { client, connection, grant, sentAt }: ReceivedGrant,
): Promise<RefreshWrite> {
  const { definition } = client
  const learned = learnedConfig(definition, grant.json)
  if (learned.refused.length > 0) {
    const fields = learned.refused.map(({ field, message }) => `${field} ${message}`)
    deps.log.warn({ connectionId: connection.id, fields }, "values that came with a token must not be used")
  }
  return {
    sealedAccessToken: await sealToken(deps.vault, connection, "access_token", grant.accessToken),
    // An answer without a refresh token keeps the old one (RFC 6749 section 6).
    ...(grant.refreshToken !== null && {
      sealedRefreshToken: await sealToken(deps.vault, connection, "refresh_token", grant.refreshToken),
    }),
    ...(grant.scopes !== null && { grantedScopes: grant.scopes }),
    config: { ...connection.config, ...learned.values },
    ...tokenTimes(definition, sentAt, { expiresInS: grant.expiresInS, refreshable: true }),
    now: deps.clock.now(),
  }
}

/** The connection as it will be read once the write has been made. */
function withWrite(connection: Connection, write: RefreshWrite): Connection {
  return {
    ...connection,
    sealedAccessToken: write.sealedAccessToken,
    sealedRefreshToken: write.sealedRefreshToken ?? connection.sealedRefreshToken,
    grantedScopes: write.grantedScopes ?? connection.grantedScopes,
    config: write.config,
    issuedAt: write.issuedAt,
    expiresAt: write.expiresAt,
    refreshDueAt: write.refreshDueAt,
    version: connection.version + 1,
    failures: 0,
    retryAt: null,
    lastRefreshError: null,
  }
}
