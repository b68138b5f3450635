/** An app's settings: each stays as it is unless it is named. */
import { GrantryError } from "../errors.ts"
import type { Services } from "../services.ts"
import type { App, AppSettings, ConnectCompletion } from "../storage/stores/apps.ts"
import { checkedOutboundUrl } from "./outbound-url.ts"

export interface AppInput {
  readonly name?: string
  readonly functions_upstream?: string | null
  readonly backend_functions_enabled?: boolean
  readonly connect_completion?: ConnectCompletion
}

export async function updateApp(services: Services, app: App, input: AppInput, actor: string): Promise<App> {
  const { backend_functions_enabled: enabled, connect_completion: completion, name } = input
  const upstream = input.functions_upstream
  const changes: Partial<AppSettings & Pick<App, "name">> = {
    ...(name !== undefined && { name }),
    ...(upstream !== undefined && { functionsUpstream: await checkedUpstream(services, upstream) }),
    ...(enabled !== undefined && { backendFunctionsEnabled: enabled }),
    ...(completion !== undefined && { connectCompletion: completion }),
  }
  await services.storage.apps.update(app.workspaceId, app.id, changes)
  // Tokens of functions that were switched off are refused at once.
  if (enabled === false) services.authenticator.forgetKeys()
  await services.audit.record({
    workspaceId: app.workspaceId,
    appId: app.id,
    actor,
    action: "app.update",
    target: app.id,
    outcome: "ok",
  })
  return { ...app, ...changes }
}

/** Paths are appended to it: it ends without a slash and has no query. */
async function checkedUpstream(services: Services, text: string | null): Promise<string | null> {
  if (text === null) return null
  const url = await checkedOutboundUrl(services, "functions_upstream", text)
  if (url.search !== "" || text.includes("?"))
    throw new GrantryError("INVALID_REQUEST", 400, "body.functions_upstream must hold no query.")
  return url.href.replace(/\/+$/, "")
}
