import { queryOptions } from "@tanstack/react-query"
import { server } from "./client.ts"

/** Which OAuth client each type uses, and what to register for it. */
export function redirectUrisQuery(appId: string) {
  return queryOptions({
    queryKey: ["apps", appId, "redirect-uris"],
    queryFn: () => server.apps.redirectUris(appId),
  })
}
