import type { AuthorizationAnswer, AuthorizationStatusAnswer } from "@grantry/sdk/wire"
import { useQuery, useQueryClient } from "@tanstack/react-query"
import { useCallback, useEffect, useRef, useState } from "react"
import { server } from "./client.ts"
import { connectionsKey } from "./connections.ts"

export type Consent =
  | { readonly kind: "none" }
  | { readonly kind: "waiting"; readonly url: string; readonly connectionId: string }
  | { readonly kind: "colleague"; readonly message: string; readonly email: string | null }
  | { readonly kind: "already" }
  | { readonly kind: "connected" }
  | { readonly kind: "failed"; readonly failure: AuthorizationStatusAnswer }

interface ConsentOf {
  readonly appId: string
  readonly type: string
}

const pollMs = 1_000

/** One consent: the window in which it happens, and how it ends. */
export function useConsent({ appId, type }: ConsentOf) {
  const [begun, set] = useState<Consent>({ kind: "none" })
  const opened = useRef<Window | null>(null)
  const client = useQueryClient()
  const waiting = begun.kind === "waiting" ? begun : undefined
  const { data: outcome } = useQuery({
    // The address is each attempt's own, the connection's id stays.
    queryKey: ["consent", waiting?.url],
    queryFn: () => {
      const query = { integration_type: type, connection_id: waiting?.connectionId ?? "" }
      return server.sharedConnections.outcome(appId, query)
    },
    enabled: waiting !== undefined,
    refetchInterval: ({ state }) => (isOver(state.data) ? false : pollMs),
    // The person looks at the provider's page meanwhile.
    refetchIntervalInBackground: true,
  })
  useEffect(() => {
    if (!isOver(outcome)) return
    // A failed one stays open: it says why there too.
    if (outcome?.status === "ACTIVE") opened.current?.close()
    // Who uses a connector, and the history, are under the workspace.
    for (const queryKey of [connectionsKey(appId), ["workspaces"]])
      void client.invalidateQueries({ queryKey })
  }, [outcome, client, appId])

  const begin = useCallback((answer: AuthorizationAnswer) => {
    const next = consentAfter(answer)
    if (next.kind === "waiting") opened.current = openConsentWindow(next.url)
    set(next)
  }, [])
  const dismiss = useCallback(() => set({ kind: "none" }), [])
  return { consent: waiting ? consentNow(waiting, outcome) : begun, begin, dismiss }
}

function isOver(outcome: AuthorizationStatusAnswer | undefined): boolean {
  return outcome !== undefined && outcome.status !== "PENDING"
}

function consentNow(waiting: Consent, outcome: AuthorizationStatusAnswer | undefined): Consent {
  if (outcome?.status === "ACTIVE") return { kind: "connected" }
  return outcome?.status === "FAILED" ? { kind: "failed", failure: outcome } : waiting
}

function consentAfter(answer: AuthorizationAnswer): Consent {
  if (answer.error !== null)
    return {
      kind: "colleague",
      message: answer.error_message ?? answer.error,
      email: answer.other_user_email,
    }
  if (answer.redirect_url === null || answer.connection_id === null) return { kind: "already" }
  return { kind: "waiting", url: answer.redirect_url, connectionId: answer.connection_id }
}

/** A blocked window is no failure: the dialog holds a link to the same page. */
export function openConsentWindow(url: string): Window | null {
  const left = Math.max(0, window.screenX + (window.outerWidth - 560) / 2)
  return window.open(
    url,
    "grantry-consent",
    `popup,width=560,height=780,left=${left},top=${window.screenY + 40}`,
  )
}
