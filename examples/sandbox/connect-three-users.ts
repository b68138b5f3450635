import { createClient } from "@grantry/sdk"
import type { Demo } from "../demo/demo-app.ts"
import type { DemoServer } from "../demo/demo-server.ts"
import { newPerson } from "../demo/person.ts"

/** Three users connect; then the provider ends the grant of one of them. */
export async function connectThreeUsers(demo: Demo, connectorId: string, server: DemoServer): Promise<void> {
  const { app, grantry, signal } = demo
  for (const userId of ["ada", "grace", "katherine"]) {
    const { token } = await grantry.asServiceRole.users.createToken({ userId })
    const client = createClient({ serverUrl: server.url, appId: app.id, token })
    const person = newPerson(signal)
    const connectPage = await person.open(await client.connectors.connectAppUser(connectorId))
    await person.clickFirstButton(await person.clickFirstButton(connectPage))
  }
  await control(server, "faults", { type: "googlecalendar", fault: "invalid_grant", times: 1 }, signal)
  // Past the tokens' end, so that each of them is refreshed.
  await control(server, "clock", { advance_ms: 2 * 3_600_000 }, signal)
}

async function control(server: DemoServer, what: string, body: object, signal: AbortSignal): Promise<void> {
  const answer = await fetch(`${server.url}/sandbox/_control/${what}`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
    signal,
  })
  if (!answer.ok) throw new Error(`The sandbox answered ${answer.status}: ${await answer.text()}`)
  await answer.body?.cancel()
}
