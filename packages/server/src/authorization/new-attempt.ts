/** An attempt as it begins, whoever begins it. */
import type { OAuthClient } from "../oauth/oauth-client.ts"
import { newId, newSecret } from "../random.ts"
import type { Services } from "../services.ts"
import type { Attempt } from "../storage/stores/attempts.ts"
import type { Connection, ConnectionAddress } from "../storage/stores/connections.ts"

export const attemptLifeMs = 10 * 60_000

export interface AttemptParts {
  readonly address: ConnectionAddress
  readonly client: OAuthClient
  readonly config: Readonly<Record<string, string>>
  readonly scopes: readonly string[]
  /** Keeps its id. */
  readonly existing: Connection | undefined
  readonly asker: Pick<Attempt, "startedBy" | "askedBy" | "loginHint" | "forceReconnect">
}

export function newAttempt(deps: Pick<Services, "clock">, parts: AttemptParts): Attempt {
  const now = deps.clock.now()
  return {
    ...parts.address,
    ...parts.asker,
    id: newSecret(),
    type: parts.client.definition.type,
    connectorId: parts.client.connectorId,
    credentialSource: parts.client.source,
    connectionId: parts.existing?.id ?? newId("conn"),
    requestedScopes: parts.scopes,
    config: parts.config,
    status: "pending",
    errorCode: null,
    errorMessage: null,
    browserHash: null,
    stateHash: null,
    sealedVerifier: null,
    sealedReturnTo: null,
    sealedCallback: null,
    handleHash: null,
    sealedGrant: null,
    createdAt: now,
    expiresAt: now + attemptLifeMs,
  }
}

export function connectPageUrl({ config }: Pick<Services, "config">, attempt: Pick<Attempt, "id">): string {
  return `${config.publicUrl}/connect/${attempt.id}`
}
