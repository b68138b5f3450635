import type { ConnectorReservation } from "@grantry/sdk/wire"
import { readLocalStorageValue } from "@mantine/hooks"
import { queryOptions } from "@tanstack/react-query"
import { server } from "./client.ts"

/**
 * The id and redirect URI of the connector that this browser registers next. Kept until it is used: registering an app
 * at the provider can take longer than a page stays open.
 */
export function reservedConnectorQuery(workspaceId: string) {
  return queryOptions({
    queryKey: reservedConnectorKey(workspaceId),
    queryFn: async () => {
      const known = read(workspaceId)
      if (known) return known
      const reserved = await server.connectors.reserve(workspaceId)
      localStorage.setItem(storageKey(workspaceId), JSON.stringify(reserved))
      return reserved
    },
    staleTime: Infinity,
  })
}

export function reservedConnectorKey(workspaceId: string): readonly string[] {
  return ["workspaces", workspaceId, "reserved-connector"]
}

/** It is used, or the server takes it no longer. */
export function forgetReservedConnector(workspaceId: string): void {
  localStorage.removeItem(storageKey(workspaceId))
}

function storageKey(workspaceId: string): string {
  return `grantry-reserved-connector ${workspaceId}`
}

/** An hour is left to use it in. */
const sparedMs = 3_600_000

function read(workspaceId: string): ConnectorReservation | undefined {
  const key = storageKey(workspaceId)
  const known = readLocalStorageValue<ConnectorReservation | null>({ key, defaultValue: null })
  return known && Date.parse(known.expires_at) - Date.now() > sparedMs ? known : undefined
}
