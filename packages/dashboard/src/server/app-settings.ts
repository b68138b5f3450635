import type {
  AddIdentityIssuerRequest,
  AllowedOrigins,
  IdentityIssuer,
  IdentityIssuerListAnswer,
} from "@grantry/sdk/wire"
import { queryOptions } from "@tanstack/react-query"
import { server } from "./client.ts"

export const originsKey = (appId: string) => ["apps", appId, "origins"]
export const issuersKey = (appId: string) => ["apps", appId, "issuers"]

export function originsQuery(appId: string) {
  return queryOptions({
    queryKey: originsKey(appId),
    queryFn: async () => {
      const path = ["apps", appId, "allowed-origins"]
      return (await server.send<AllowedOrigins>({ method: "GET", path })).origins
    },
  })
}

export function saveOrigins(appId: string, origins: readonly string[]): Promise<AllowedOrigins> {
  return server.send({ method: "PUT", path: ["apps", appId, "allowed-origins"], body: { origins } })
}

export function issuersQuery(appId: string) {
  return queryOptions({
    queryKey: issuersKey(appId),
    queryFn: async () => {
      const path = ["apps", appId, "identity-issuers"]
      return (await server.send<IdentityIssuerListAnswer>({ method: "GET", path })).identity_issuers
    },
  })
}

export function addIssuer(appId: string, body: AddIdentityIssuerRequest): Promise<IdentityIssuer> {
  return server.send({ method: "POST", path: ["apps", appId, "identity-issuers"], body })
}

export async function removeIssuer(appId: string, issuerId: string): Promise<void> {
  await server.send({ method: "DELETE", path: ["apps", appId, "identity-issuers", issuerId] })
}
