import { createClient, type GrantryClient, NotConnectedError } from "@grantry/sdk"
import { type Demo, textOf } from "../demo-app.ts"
import { newPerson } from "../person.ts"
import { refusalOf } from "./refusal-of.ts"
import { outlookMe } from "./services.ts"

const twoHoursMs = 2 * 3_600_000
const userId = "grace"

export async function useOwnAccount(demo: Demo): Promise<void> {
  const { callService, grantry, owner, say } = demo
  say.title("An Outlook account of one of the app's users")
  const connectorId = await registerConnector(demo)
  const user = await signIn(demo)
  await consent(demo, await user.connectors.connectAppUser(connectorId))
  say.check(
    (await user.connectors.status(connectorId)).status === "connected",
    "The user's page learns that it is connected",
  )
  const { connectors } = grantry.asServiceRole
  const first = await connectors.getAppUserConnection({ userId, connectorId })
  say.check(first.accessToken !== "", `The backend gets that user's token: ${say.secret(first.accessToken)}`)
  await owner("POST", "/sandbox/_control/clock", { advance_ms: twoHoursMs })
  const { accessToken } = await connectors.getAppUserConnection({ userId, connectorId })
  say.check(accessToken !== first.accessToken, "Two hours later it is a new one")
  const status = await callService("outlook", outlookMe, accessToken)
  say.check(status === 200, `Outlook's API takes it: HTTP ${status}`)
  // The user's own token lived an hour: the page signs in anew.
  await (await signIn(demo)).connectors.disconnectAppUser(connectorId)
  const refusal = await refusalOf(connectors.getAppUserConnection({ userId, connectorId }))
  say.check(
    refusal instanceof NotConnectedError,
    "The user disconnects, and the backend gets a NotConnectedError",
  )
}

async function registerConnector({ owner, say }: Demo): Promise<string> {
  const { workspaces } = await owner("GET", "/api/workspace/workspaces")
  const workspaceId: unknown = Reflect.get(Object(Array.isArray(workspaces) ? workspaces[0] : null), "id")
  const body = { integration_type: "outlook", name: "Outlook for users" }
  const connectorId = textOf(
    await owner("POST", `/api/workspace/${String(workspaceId)}/connectors`, body),
    "id",
  )
  say.fact(`The workspace has a connector for it: ${connectorId}`)
  return connectorId
}

/** As the app's page: with a token that the app's backend has made for the user. */
async function signIn({ grantry }: Demo): Promise<GrantryClient> {
  const { token } = await grantry.asServiceRole.users.createToken({ userId, email: "grace@example.com" })
  return createClient({ ...grantry.getConfig(), token, timeoutMs: 10_000 })
}

async function consent({ say, signal }: Demo, redirectUrl: string): Promise<void> {
  const person = newPerson(signal)
  const connectPage = await person.open(redirectUrl)
  say.check(
    connectPage.html.includes("grace@example.com"),
    "The connect page names whose account asks: grace@example.com",
  )
  const finalPage = await person.clickFirstButton(await person.clickFirstButton(connectPage))
  say.check(finalPage.status === 200, "The user consents and comes back")
}
