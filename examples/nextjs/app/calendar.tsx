"use client"

import { ConnectError, createClient, type GrantryClient } from "@grantry/sdk"
import { useEffect, useState } from "react"

interface CalendarProps {
  readonly serverUrl: string
  readonly appId: string
  readonly connectorId: string
}

export function Calendar({ serverUrl, appId, connectorId }: CalendarProps) {
  const [client, setClient] = useState<GrantryClient | null>(null)
  const [shown, setShown] = useState("")

  const show = async () => setShown(await (await fetch("/api/events")).text())
  const explain = (error: unknown) =>
    setShown(
      error instanceof ConnectError && error.code === "window_closed" ? "Not connected." : String(error),
    )

  useEffect(() => {
    const begin = async () => {
      const { token } = (await (await fetch("/api/token")).json()) as { token: string }
      const signedIn = createClient({ serverUrl, appId, token })
      // Where the window was blocked, the user comes back to this page.
      await signedIn.connectors.completeConnect()
      setClient(signedIn)
      await show()
    }
    begin().catch(explain)
  }, [serverUrl, appId])

  return (
    <main>
      <button
        type="button"
        disabled={client === null}
        onClick={() => client?.connectors.openConnectWindow(connectorId).then(show, explain)}
      >
        Connect Google Calendar
      </button>
      <pre>{shown}</pre>
    </main>
  )
}
