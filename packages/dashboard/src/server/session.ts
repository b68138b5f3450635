import { queryOptions } from "@tanstack/react-query"
import { server } from "./client.ts"

export interface SignedInMember {
  readonly id: string
  readonly email: string
  readonly name: string
}

/** null: nobody is signed in in this browser. */
export const sessionQuery = queryOptions({
  queryKey: ["session"],
  queryFn: async () => {
    const found = await server.send<{ readonly user: SignedInMember } | null>({
      method: "GET",
      path: ["auth", "get-session"],
    })
    return found?.user ?? null
  },
  staleTime: 60_000,
})

export async function signOut(): Promise<void> {
  await server.send({ method: "POST", path: ["auth", "sign-out"], body: {} })
}

/** The server's own page, which comes back here afterwards. */
export function goToSignIn(): void {
  const here = location.pathname + location.search
  location.replace(`/sign-in?next=${encodeURIComponent(here)}`)
}
