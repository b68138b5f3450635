/** Runs in the browser, with a token that says who the user is and opens nothing but their own connections. */
import { ConnectError, createClient } from "@grantry/sdk"

const { serverUrl = "", appId = "", connectorId = "" } = document.body.dataset
const client = createClient({ serverUrl, appId })
const shown = document.getElementById("events")

const say = (text: string): void => {
  if (shown) shown.textContent = text
}

async function signIn(): Promise<void> {
  const answer = (await (await fetch("/token")).json()) as { token: string }
  client.setToken(answer.token)
}

async function showEvents(): Promise<void> {
  const answer = await fetch("/events")
  say(JSON.stringify(await answer.json(), null, 2))
}

document.getElementById("connect")?.addEventListener("click", () => {
  client.connectors.openConnectWindow(connectorId).then(showEvents, explain)
})

function explain(error: unknown): void {
  say(error instanceof ConnectError && error.code === "window_closed" ? "Not connected." : String(error))
}

// Where the window was blocked, the user comes back to this page.
signIn()
  .then(async () => client.connectors.completeConnect())
  .then(showEvents, explain)
