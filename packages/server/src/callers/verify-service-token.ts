/** The short-lived token that the gateway gives to an app's backend functions. */
import { GrantryError } from "../errors.ts"
import type { App, AppStore } from "../storage/stores/apps.ts"
import type { ServiceCaller } from "./caller.ts"
import { claimsOf } from "./jwt-text.ts"
import { type MintedTokens, mintedKind } from "./minted-tokens.ts"

export interface VerifiedService {
  readonly caller: ServiceCaller
  readonly expiresAtMs: number
}

/** @throws BACKEND_FUNCTIONS_DISABLED */
export async function verifyServiceToken(
  deps: { readonly apps: Pick<AppStore, "findAnywhere">; readonly minted: MintedTokens },
  token: string,
): Promise<VerifiedService | undefined> {
  if (mintedKind(token) !== "service") return undefined
  const appId = claimsOf(token)?.sub
  const app = typeof appId === "string" ? await deps.apps.findAnywhere(appId) : undefined
  const verified = app && (await deps.minted.verifyService(app, token))
  if (!app || !verified) return undefined
  requireFunctions(app)
  const { id, workspaceId } = app
  const caller = { kind: "service", workspaceId, appId: id, actor: "service:functions" } as const
  return { caller, expiresAtMs: verified.expiresAtMs }
}

/** @throws BACKEND_FUNCTIONS_DISABLED */
export function requireFunctions(app: App): void {
  if (app.backendFunctionsEnabled) return
  const message = "Backend functions are disabled for this app. Enable them in the app's settings."
  throw new GrantryError("BACKEND_FUNCTIONS_DISABLED", 403, message)
}
