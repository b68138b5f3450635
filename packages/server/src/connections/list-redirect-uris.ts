/** The redirect URI of every type that has an OAuth client: what to register at the providers. */
import type { Services } from "../services.ts"
import { GrantryError } from "../errors.ts"
import { redirectUri } from "./oauth-clients.ts"

export async function listRedirectUris(
  services: Pick<Services, "catalog" | "clients" | "config">,
  workspaceId: string,
): Promise<{ integration_type: string; redirect_uri: string }[]> {
  const lines = []
  for (const { type } of services.catalog.all()) {
    try {
      const client = await services.clients.forType(workspaceId, type)
      lines.push({ integration_type: type, redirect_uri: redirectUri(services.config.publicUrl, client) })
    } catch (error) {
      if (!(error instanceof GrantryError) || error.code !== "OAUTH_CLIENT_MISSING") throw error
    }
  }
  return lines
}
