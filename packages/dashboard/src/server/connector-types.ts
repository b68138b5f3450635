import type { ConnectorTypeInfo, ConnectorTypeListAnswer } from "@grantry/sdk/wire"
import { queryOptions, useQuery } from "@tanstack/react-query"
import { server } from "./client.ts"

export const connectorTypesQuery = queryOptions({
  queryKey: ["connector-types"],
  queryFn: async () => {
    const path = ["external-auth", "connector-types"]
    return (await server.send<ConnectorTypeListAnswer>({ method: "GET", path })).connector_types
  },
  staleTime: Infinity,
})

export function useConnectorType(type: string): ConnectorTypeInfo | undefined {
  return useQuery(connectorTypesQuery).data?.find((one) => one.integration_type === type)
}

export function nameOfType(types: readonly ConnectorTypeInfo[] | undefined, type: string): string {
  return types?.find((one) => one.integration_type === type)?.display_name ?? type
}
