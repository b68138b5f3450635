/** What a caller polls while the person consents. A colleague's attempt, and one that is not over, read as pending. */
import { redirectUri } from "../connections/oauth-clients.ts"
import { GrantryError } from "../errors.ts"
import type { Services } from "../services.ts"
import type { App } from "../storage/stores/apps.ts"
import type { Attempt } from "../storage/stores/attempts.ts"
import { attemptOver } from "./refusals.ts"

export interface AttemptReading {
  readonly status: "ACTIVE" | "FAILED" | "PENDING"
  /** Why it failed, as the person read it in the other window. */
  readonly failure?: {
    readonly code: string
    readonly message: string
    /** The one that was sent, where it may be what the provider did not like. */
    readonly redirectUri: string | null
  }
}

type Dependencies = Pick<Services, "storage" | "clock" | "clients" | "config">

const pending: AttemptReading = { status: "PENDING" }

export async function readStatus(
  deps: Dependencies,
  app: App,
  memberId: string,
  connectionId: string,
): Promise<AttemptReading> {
  const attempt = await deps.storage.attempts.findLatest({
    workspaceId: app.workspaceId,
    appId: app.id,
    connectionId,
    startedBy: memberId,
  })
  if (!attempt) return readConnection(deps, app, memberId, connectionId)
  if (attempt.status === "connected") return { status: "ACTIVE" }
  const isOver = attempt.status === "failed" || attempt.expiresAt <= deps.clock.now()
  return isOver ? { status: "FAILED", failure: await failureOf(deps, attempt) } : pending
}

/** Attempts that nobody finished have codes of their own, which no answer carries. */
const unfinished: ReadonlySet<string> = new Set(["ATTEMPT_EXPIRED", "ATTEMPT_SUPERSEDED"])

async function failureOf(
  deps: Dependencies,
  attempt: Attempt,
): Promise<NonNullable<AttemptReading["failure"]>> {
  const { errorCode: code, errorMessage: message } = attempt
  if (code === null || message === null || unfinished.has(code)) {
    const over = attemptOver()
    return { code: over.code, message: message ?? over.message, redirectUri: null }
  }
  const sent = code === "AUTHORIZATION_DENIED" ? await sentRedirectUri(deps, attempt) : null
  return { code, message, redirectUri: sent }
}

async function sentRedirectUri(deps: Dependencies, attempt: Attempt): Promise<string | null> {
  try {
    return redirectUri(deps.config.publicUrl, await deps.clients.forReference(attempt))
  } catch (error) {
    // Its OAuth client is gone by now, and with it the address.
    if (error instanceof GrantryError) return null
    throw error
  }
}

/** Attempts are forgotten after a day; their connections are not. */
async function readConnection(
  deps: Pick<Services, "storage">,
  app: App,
  memberId: string,
  connectionId: string,
): Promise<AttemptReading> {
  const connection = await deps.storage.connections.findById(app.workspaceId, connectionId)
  const own = connection?.appId === app.id && connection.connectedBy === memberId
  return own && connection.status === "active" ? { status: "ACTIVE" } : pending
}
