/** Declares what the files say and removes what they no longer name; one failure does not keep the rest back. */
import { GrantryError, type MembersClient } from "@grantry/sdk/members"
import type { AuthorizationAnswer } from "@grantry/sdk/wire"
import type { ConnectorFile } from "./parse-connector-file.ts"

export interface PushResult {
  readonly type: string
  readonly outcome: "unchanged" | "connected" | "removed" | "needs_consent" | "skipped" | "failed"
  /** The page on which a person consents. */
  readonly redirect_url?: string
  readonly connection_id?: string
  readonly error?: string
}

export interface PushPlan {
  readonly files: readonly ConnectorFile[]
  /** Types. */
  readonly removals: readonly string[]
}

export async function pushConnectors(
  client: MembersClient,
  appId: string,
  { files, removals }: PushPlan,
): Promise<readonly PushResult[]> {
  const results: PushResult[] = []
  for (const file of files)
    results.push(
      await orFailure(file.type.value, async () =>
        resultOf(file.type.value, await declare(client, appId, file)),
      ),
    )
  for (const type of removals)
    results.push(
      await orFailure(type, async () => {
        await client.sharedConnections.remove(appId, type)
        return { type, outcome: "removed" }
      }),
    )
  return results
}

/** Scopes that the file does not name are the server's to choose, which only `initiate` lets it. */
function declare(client: MembersClient, appId: string, file: ConnectorFile): Promise<AuthorizationAnswer> {
  const values = Object.fromEntries([...file.config].map(([name, { value }]) => [name, value]))
  const config = file.config.size > 0 ? { connection_config: values } : {}
  return file.scopes === null
    ? client.sharedConnections.initiate(appId, { integration_type: file.type.value, ...config })
    : client.sharedConnections.declare(appId, file.type.value, { scopes: file.scopes, ...config })
}

function resultOf(type: string, answer: AuthorizationAnswer): PushResult {
  if (answer.error !== null) return { type, outcome: "failed", error: answer.error_message ?? answer.error }
  if (answer.already_authorized || answer.redirect_url === null) return { type, outcome: "unchanged" }
  return {
    type,
    outcome: "needs_consent",
    redirect_url: answer.redirect_url,
    ...(answer.connection_id !== null && { connection_id: answer.connection_id }),
  }
}

/** An answer about this type; what concerns all of them ends the push. */
async function orFailure(type: string, work: () => Promise<PushResult>): Promise<PushResult> {
  try {
    return await work()
  } catch (error) {
    if (!(error instanceof GrantryError) || error.status === undefined || error.status === 401) throw error
    return { type, outcome: "failed", error: error.message }
  }
}
