/**
 * A connector's id before there is the connector: providers want its redirect URI first. Nothing is stored; whoever
 * registers it brings the id back with proof that this server made it up, for this workspace, not long ago.
 */
import { GrantryError } from "../errors.ts"
import { newId } from "../random.ts"
import type { Services } from "../services.ts"
import { CredentialUnreadable, type SealContext } from "../vault/vault.ts"

export interface ConnectorReservation {
  readonly id: string
  readonly reservation: string
  readonly expiresAt: number
}

type Dependencies = Pick<Services, "clock" | "vault">

/** Registering an app at a provider can take days where somebody there has to agree. */
const reservedForMs = 7 * 24 * 3_600_000

export async function reserveConnector(
  { clock, vault }: Dependencies,
  workspaceId: string,
): Promise<ConnectorReservation> {
  const id = newId("con")
  const expiresAt = clock.now() + reservedForMs
  const sealed = await vault.seal(contextOf(workspaceId, id), String(expiresAt))
  return { id, expiresAt, reservation: `${id}.${Buffer.from(sealed).toString("base64url")}` }
}

/** @returns the id @throws INVALID_REQUEST when it is none of this workspace's, or too old */
export async function openReservation(
  deps: Dependencies,
  workspaceId: string,
  reservation: string,
): Promise<string> {
  const [id = "", sealed = ""] = reservation.split(".", 2)
  const expiresAt = await reservedUntil(deps, contextOf(workspaceId, id), sealed)
  if (expiresAt > deps.clock.now()) return id
  throw invalid("body.reservation is older than a week. Ask for a new one, and register its redirect URI.")
}

async function reservedUntil({ vault }: Dependencies, context: SealContext, sealed: string): Promise<number> {
  try {
    return Number(await vault.open(context, Buffer.from(sealed, "base64url")))
  } catch (error) {
    if (!(error instanceof CredentialUnreadable)) throw error
    throw invalid("body.reservation is not one that this workspace was given. Ask for a new one.")
  }
}

function contextOf(workspaceId: string, id: string): SealContext {
  return { workspaceId, record: "connector", recordId: id, field: "reservation", bound: [] }
}

function invalid(message: string): GrantryError {
  return new GrantryError("INVALID_REQUEST", 400, message)
}
