import { GrantryError } from "../errors.ts"
import type { Services } from "../services.ts"
import type { App } from "../storage/stores/apps.ts"
import { parseOrigin } from "./allowed-origins.ts"

/**
 * @param texts as they were sent
 * @returns what is registered now: normalised, each once, in order
 * @throws INVALID_REQUEST naming the first that is none
 */
export async function replaceAllowedOrigins(
  { audit, storage }: Services,
  app: App,
  texts: readonly string[],
  actor: string,
): Promise<readonly string[]> {
  const origins = [...new Set(texts.map(checkedOrigin))].toSorted()
  if (!(await storage.apps.replaceAllowedOrigins(app.workspaceId, app.id, origins)))
    throw new GrantryError("NOT_FOUND", 404, "There is no such app.")
  await audit.record({
    workspaceId: app.workspaceId,
    appId: app.id,
    actor,
    action: "allowed_origins.replace",
    target: app.id,
    outcome: "ok",
  })
  return origins
}

function checkedOrigin(text: string, index: number): string {
  const parsed = parseOrigin(text)
  if ("origin" in parsed) return parsed.origin
  throw new GrantryError("INVALID_REQUEST", 400, `body.origins.${index} ${parsed.problem}.`)
}
