/** Commits a grant: connection, end of the attempt and the old account's revocation, all or nothing. */
import { actorOf } from "./actor-of.ts"
import { judgeReplacement } from "./judge-replacement.ts"
import { openToken, sealToken } from "../connections/sealed-tokens.ts"
import { tokenTimes } from "../connections/freshness.ts"
import { sealedRevocation } from "../connections/queue-revocation.ts"
import { definitionOf } from "../connections/oauth-clients.ts"
import { GrantryError } from "../errors.ts"
import { type ConnectionEvent, queueEvents, scopesChanged } from "../events/webhooks/queue-events.ts"
import type { Services } from "../services.ts"
import type { Attempt } from "../storage/stores/attempts.ts"
import type { Connection, GrantWrite } from "../storage/stores/connections.ts"
import type { Revocation } from "../storage/stores/revocations.ts"
import { CredentialUnreadable } from "../vault/vault.ts"
import type { NewGrant } from "./exchange-code.ts"
import { attemptOver } from "./refusals.ts"
import { sameScopes } from "./scopes.ts"

export type SaveOutcome =
  | { readonly kind: "connected"; readonly connectionId: string }
  | { readonly kind: "account_changed"; readonly existing: Connection }

type Dependencies = Pick<Services, "catalog" | "clock" | "storage" | "vault" | "audit">

/** A refresh or another consent may land in between; each try starts from what stands then. */
const maxTries = 10

/**
 * @param replaceAccount the person agreed that another account takes the old one's place
 * @throws DIFFERENT_USER when a colleague connected the same meanwhile; ATTEMPT_OVER when whoever began it has gone
 */
export async function saveGrant(
  deps: Dependencies,
  attempt: Attempt,
  grant: NewGrant,
  replaceAccount: boolean,
): Promise<SaveOutcome> {
  for (let tries = 0; tries < maxTries; tries += 1) {
    const existing = await deps.storage.connections.findByAddress(attempt)
    const verdict = judgeReplacement(attempt, existing, grant.account)
    if (verdict === "different_user") throw differentUser()
    if (verdict === "account_changed" && existing && !replaceAccount)
      return { kind: "account_changed", existing }
    const write = await grantWrite(deps, attempt, grant, existing)
    const revocation = verdict === "account_changed" && existing ? await revocationOf(deps, existing) : null
    if (await commit(deps, attempt, { existing, write, revocation })) {
      await auditConnected(deps, attempt, write)
      return { kind: "connected", connectionId: write.id }
    }
  }
  throw new Error("the connection moved with every try to save the grant")
}

class Moved extends Error {}

function connectionEvents(existing: Connection | undefined, write: GrantWrite): readonly ConnectionEvent[] {
  const before = existing && existing.status !== "disconnected" ? existing.grantedScopes : null
  return [{ type: "connection.connected" }, ...scopesChanged(before, write.grantedScopes)]
}

interface Commit {
  readonly existing: Connection | undefined
  readonly write: GrantWrite
  readonly revocation: Revocation | null
}

async function commit(
  deps: Dependencies,
  attempt: Attempt,
  { existing, revocation, write }: Commit,
): Promise<boolean> {
  try {
    await deps.storage.transaction(async (stores) => {
      if (!(await stores.connections.saveGrant(write))) throw new Moved()
      if (revocation) await stores.revocations.insert(revocation)
      if (!(await stores.attempts.finish(attempt.id, { status: "connected" }))) throw attemptOver()
      await queueEvents(deps, stores, write, connectionEvents(existing, write))
    })
    return true
  } catch (error) {
    if (error instanceof Moved) return false
    throw error
  }
}

async function grantWrite(
  deps: Dependencies,
  attempt: Attempt,
  grant: NewGrant,
  existing: Connection | undefined,
): Promise<GrantWrite> {
  const { appId, ownerId, ownerKind, slot, type, workspaceId } = attempt
  const id = existing?.id ?? attempt.connectionId
  const generation = (existing?.generation ?? 0) + 1
  const record = { workspaceId, appId, ownerKind, ownerId, slot, id, type, generation }
  const definition = definitionOf(deps.catalog, type)
  const refreshToken =
    grant.refreshToken ?? (existing ? await keptRefreshToken(deps, attempt, grant, existing) : null)
  return {
    ...record,
    connectorId: attempt.connectorId,
    credentialSource: attempt.credentialSource,
    connectedBy: attempt.startedBy,
    requestedScopes: attempt.requestedScopes,
    grantedScopes: grant.grantedScopes,
    accountId: grant.account?.id ?? null,
    accountLabel: grant.account?.label ?? null,
    config: grant.config,
    sealedAccessToken: await sealToken(deps.vault, record, "access_token", grant.accessToken),
    sealedRefreshToken:
      refreshToken === null ? null : await sealToken(deps.vault, record, "refresh_token", refreshToken),
    ...tokenTimes(definition, grant.sentAt, {
      expiresInS: grant.expiresInS,
      refreshable: definition.refresh !== null && refreshToken !== null,
    }),
    now: deps.clock.now(),
  }
}

/**
 * Some providers give a refresh token with an account's first consent only. The stored one goes on while it stands for
 * the same: another account's, or one for other scopes, must not come back with the next refresh.
 */
async function keptRefreshToken(
  deps: Dependencies,
  attempt: Attempt,
  grant: NewGrant,
  existing: Connection,
): Promise<string | null> {
  const sealed = existing.sealedRefreshToken
  const isSameClient =
    existing.connectorId === attempt.connectorId && existing.credentialSource === attempt.credentialSource
  const isSameAccount = existing.accountId !== null && existing.accountId === grant.account?.id
  if (sealed === null || !isSameClient || !isSameAccount) return null
  if (!sameScopes(existing.requestedScopes, attempt.requestedScopes)) return null
  try {
    return await openToken(deps.vault, existing, "refresh_token", sealed)
  } catch (error) {
    if (error instanceof CredentialUnreadable) return null
    throw error
  }
}

/** The replaced account's grant is a grant of its own: it must not live on at the provider. */
async function revocationOf(deps: Dependencies, existing: Connection): Promise<Revocation | null> {
  const { sealedAccessToken, sealedRefreshToken } = existing
  if (sealedAccessToken === null && sealedRefreshToken === null) return null
  try {
    return await sealedRevocation(deps, existing, {
      accessToken:
        sealedAccessToken && (await openToken(deps.vault, existing, "access_token", sealedAccessToken)),
      refreshToken:
        sealedRefreshToken && (await openToken(deps.vault, existing, "refresh_token", sealedRefreshToken)),
    })
  } catch (error) {
    if (error instanceof CredentialUnreadable) return null
    throw error
  }
}

function differentUser(): GrantryError {
  const message =
    "A colleague connected this service meanwhile, and that connection stays. Use force_reconnect to take it over."
  return new GrantryError("DIFFERENT_USER", 409, message)
}

async function auditConnected(deps: Dependencies, attempt: Attempt, write: GrantWrite): Promise<void> {
  await deps.audit.record({
    workspaceId: attempt.workspaceId,
    appId: attempt.appId,
    actor: actorOf(attempt),
    action: "connection.connect",
    target: write.id,
    outcome: "connected",
  })
}
