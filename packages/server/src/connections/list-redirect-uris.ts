/** The redirect URI of every type that has an OAuth client, and whose client it is: what to register at the providers. */
import type { RedirectUri } from "@grantry/sdk/wire"
import type { Services } from "../services.ts"
import { GrantryError } from "../errors.ts"
import { redirectUri } from "./oauth-clients.ts"

export async function listRedirectUris(
  services: Pick<Services, "catalog" | "clients" | "config">,
  workspaceId: string,
): Promise<RedirectUri[]> {
  const lines: RedirectUri[] = []
  for (const { type } of services.catalog.all()) {
    try {
      const client = await services.clients.forType(workspaceId, type)
      lines.push({
        integration_type: type,
        redirect_uri: redirectUri(services.config.publicUrl, client),
        credential_source: client.source,
      })
    } catch (error) {
      if (!(error instanceof GrantryError) || error.code !== "OAUTH_CLIENT_MISSING") throw error
    }
  }
  return lines
}
