/** Giving out a token: the hot path. At most two point reads, one decryption, no write. */
import { GrantryError } from "../errors.ts"
import type { AuditInput } from "../events/audit.ts"
import type { ReadCounter } from "../events/read-counts.ts"
import type { Services } from "../services.ts"
import { StorageUnavailable } from "../storage/storage.ts"
import type { Connection, ConnectionAddress } from "../storage/stores/connections.ts"
import { CredentialUnreadable, type PlacedValue } from "../vault/vault.ts"
import { credentialUnreadable, notConnected, reconnectRequired } from "./errors.ts"
import { freshUntil, judgeFreshness } from "./freshness.ts"
import { definitionOf } from "./oauth-clients.ts"
import { tokenContext } from "./sealed-tokens.ts"
import { answerText, restOfAnswer } from "./token-answer.ts"

/** Who reads, as the audit names it. */
export interface Reader {
  readonly actor: string
  readonly address: string
}

/**
 * Answers at once where nothing has to be waited for: the row is in an exact cache, the workspace's key in memory, and
 * the token far from its end. Every read is counted for the audit, refused ones too.
 *
 * @returns the answer's JSON; the token in it must not outlive the answer
 * @throws GrantryError with the refusals of CONTRACT section 2, at once or as the rejection
 */
export function getToken(
  services: Services,
  address: ConnectionAddress,
  reader: Reader,
): string | Promise<string> {
  try {
    const cached = services.storage.connections.findByAddressCached(address)
    const text = cached && readNow(services, cached, reader, keptPlan)
    if (text !== undefined) return text
  } catch (error) {
    return refused(services, address, reader, error)
  }
  return readSoon(services, address, reader).catch((error: unknown) =>
    refused(services, address, reader, error),
  )
}

/** What follows from a row that can be given out, except the token. */
interface ReadPlan {
  readonly freshUntil: number
  readonly sealed: PlacedValue
  readonly rest: string
  /** The sum in which the last read was counted: the next one is most often the same caller's. */
  counted: (Reader & { readonly counter: ReadCounter }) | null
}

// A cached row is frozen and stays the same object until it is written: its plan is made once.
const plans = new WeakMap<Connection, ReadPlan>()

function keptPlan(services: Services, connection: Connection): ReadPlan | undefined {
  const kept = plans.get(connection)
  if (kept) return kept
  const plan = planRead(services, connection)
  if (plan) plans.set(connection, plan)
  return plan
}

function readNow(
  services: Services,
  connection: Connection,
  reader: Reader,
  planOf: typeof planRead,
): string | undefined {
  const now = services.clock.now()
  try {
    const plan = planOf(services, connection)
    if (plan === undefined || now >= plan.freshUntil) return undefined
    const accessToken = services.vault.openNow(plan.sealed)
    if (accessToken === undefined) return undefined
    if (!countedAgain(plan, reader, now)) {
      const counter = services.audit.countRead(readEvent(connection, reader, "ok"))
      plan.counted = { actor: reader.actor, address: reader.address, counter }
    }
    services.metrics.tokenRead("ok")
    return answerText(accessToken, plan.rest)
  } catch (error) {
    throw explained(error)
  }
}

function planRead({ catalog, vault }: Services, connection: Connection): ReadPlan | undefined {
  const { sealedAccessToken, status } = connection
  if (status !== "active" || sealedAccessToken === null) return undefined
  return {
    freshUntil: freshUntil(connection),
    sealed: vault.place(tokenContext(connection, "access_token"), sealedAccessToken),
    rest: restOfAnswer(catalog, connection),
    counted: null,
  }
}

function countedAgain({ counted }: ReadPlan, { actor, address }: Reader, now: number): boolean {
  return (
    counted !== null && counted.actor === actor && counted.address === address && counted.counter.again(now)
  )
}

function readEvent(
  { workspaceId, appId, ownerId, ownerKind, slot }: ConnectionAddress,
  { actor, address }: Reader,
  outcome: string,
): AuditInput {
  const target = ownerKind === "app" ? slot : `${slot} of app_user:${ownerId}`
  return { workspaceId, appId, actor, action: "token.read", target, address, outcome }
}

function refused(services: Services, place: ConnectionAddress, reader: Reader, error: unknown): never {
  // As it is answered, see `send-error.ts`.
  const known = error instanceof StorageUnavailable ? "STORAGE_UNAVAILABLE" : "INTERNAL_ERROR"
  countRefused(services, place, reader, error instanceof GrantryError ? error.code : known)
  throw error
}

export function countRefused(
  { audit, metrics }: Pick<Services, "audit" | "metrics">,
  place: ConnectionAddress,
  reader: Reader,
  outcome: string,
): void {
  audit.countRead(readEvent(place, reader, outcome))
  metrics.tokenRead(outcome)
}

async function readSoon(services: Services, address: ConnectionAddress, reader: Reader): Promise<string> {
  const stored = usable(services, await services.storage.connections.findByAddress(address), address)
  return readNow(services, stored, reader, planRead) ?? readWithWork(services, stored, reader)
}

/** The token has to be refreshed, or the workspace's key fetched. */
async function readWithWork(services: Services, stored: Connection, reader: Reader): Promise<string> {
  const connection = await freshened(services, stored)
  if (connection.sealedAccessToken === null) throw notConnected(connection.ownerKind)
  try {
    const context = tokenContext(connection, "access_token")
    const accessToken = await services.vault.open(context, connection.sealedAccessToken)
    services.audit.countRead(readEvent(stored, reader, "ok"))
    services.metrics.tokenRead("ok")
    return answerText(accessToken, restOfAnswer(services.catalog, connection))
  } catch (error) {
    throw explained(error)
  }
}

/** Whoever waited for a refresh gets nothing that ended meanwhile. */
async function asItStands(services: Services, refreshed: Connection): Promise<Connection> {
  try {
    const current = await services.storage.connections.findByAddress(refreshed)
    const stands = usable(services, current, refreshed)
    return stands.generation === refreshed.generation ? refreshed : stands
  } catch (error) {
    // A grant that the database could not take yet is handed out from memory.
    if (error instanceof StorageUnavailable) return refreshed
    throw error
  }
}

function explained(error: unknown): unknown {
  return error instanceof CredentialUnreadable ? credentialUnreadable(error) : error
}

function usable(
  services: Services,
  connection: Connection | undefined,
  address: ConnectionAddress,
): Connection {
  if (!connection || connection.status === "disconnected") throw notConnected(address.ownerKind)
  if (connection.status === "expired")
    throw reconnectRequired(connection, definitionOf(services.catalog, connection.type))
  return connection
}

async function freshened(services: Services, connection: Connection): Promise<Connection> {
  const { clock, refresher } = services
  switch (judgeFreshness(connection, clock.now())) {
    case "fresh":
      return connection
    case "due":
      refresher.refreshBehind(connection)
      return connection
    case "stale":
      return asItStands(services, await refresher.refreshOrKeep(connection))
    case "expired":
      return asItStands(services, await refresher.refresh(connection))
  }
}
