import { GrantryError } from "@grantry/sdk/members"
import { useQuery, useQueryClient } from "@tanstack/react-query"
import {
  forgetReservedConnector,
  reservedConnectorKey,
  reservedConnectorQuery,
} from "../server/reserved-connector.ts"

/** What the connector's redirect URI will be; `renew` when it is used up. */
export function useReservedConnector(workspaceId: string) {
  const client = useQueryClient()
  const { data, error, isPending } = useQuery(reservedConnectorQuery(workspaceId))
  const renew = () => {
    forgetReservedConnector(workspaceId)
    void client.invalidateQueries({ queryKey: reservedConnectorKey(workspaceId) })
  }
  return { data, error, isPending, renew }
}

/** Another tab has used it, or it is too old. */
export function isAboutReservation(error: Error): boolean {
  return (
    error instanceof GrantryError &&
    error.code === "INVALID_REQUEST" &&
    error.message.startsWith("body.reservation ")
  )
}
