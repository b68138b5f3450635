import type { ConnectionDetails, ConnectorTypeInfo } from "@grantry/sdk/wire"
import { useQuery } from "@tanstack/react-query"
import { useState } from "react"
import { isConnected } from "../server/connections.ts"
import { connectorsQuery } from "../server/connectors.ts"
import { appsQuery } from "../server/workspaces.ts"
import type { ConfigValues } from "../show/config-fields.tsx"

export interface ConnectForm {
  readonly scopes: readonly string[]
  readonly config: ConfigValues
  /** Other permissions than the connection has asked for. */
  readonly hasNewScopes: boolean
  readonly setScopes: (scopes: string[]) => void
  readonly setConfig: (config: ConfigValues) => void
  /** Back to what is stored. */
  readonly reset: () => void
}

/** What the next consent will ask for: what the connection has, else what its connector or its type proposes. */
export function useConnectForm(
  appId: string,
  type: ConnectorTypeInfo,
  connection: ConnectionDetails | undefined,
): ConnectForm {
  const workspaceId = useQuery(appsQuery).data?.find(({ id }) => id === appId)?.organization_id
  const connectors = useQuery({ ...connectorsQuery(workspaceId ?? ""), enabled: workspaceId !== undefined })
  const own = connectors.data?.find((one) => one.integration_type === type.integration_type)
  const stored =
    connection && isConnected(connection) ? connection.requested_scopes : (own?.scopes ?? type.default_scopes)
  const [chosen, setScopes] = useState<readonly string[]>()
  const [config, setConfig] = useState<ConfigValues>({})
  const scopes = chosen ?? stored
  return {
    scopes,
    config,
    hasNewScopes: scopes.length !== stored.length || scopes.some((scope) => !stored.includes(scope)),
    setScopes,
    setConfig,
    reset: () => setScopes(undefined),
  }
}
