import { GrantryError } from "@grantry/sdk/members"
import { QueryClient } from "@tanstack/react-query"

/** A refusal stays one however often it is asked for; what may pass is asked for again. */
function isWorthRepeating(count: number, error: Error): boolean {
  const status = error instanceof GrantryError ? error.status : undefined
  return count < 2 && (status === undefined || status >= 500)
}

export const queryClient = new QueryClient({
  defaultOptions: { queries: { retry: isWorthRepeating, staleTime: 5_000 } },
})
