/** What a person does to connect an account for a whole app: two pages, two clicks. */
import { type Demo, textOf } from "../demo-app.ts"
import { newPerson } from "../person.ts"

export async function connectSharedAccount(demo: Demo, type: string): Promise<void> {
  const { app, owner, say, signal } = demo
  const begun = await owner("POST", `/api/apps/${app.id}/external-auth/initiate`, { integration_type: type })
  const person = newPerson(signal)
  const connectPage = await person.open(textOf(begun, "redirect_url"))
  say.check(connectPage.html.includes(app.name), `The connect page says for which app: ${app.name}`)
  const consentPage = await person.clickFirstButton(connectPage)
  say.check(
    consentPage.url.includes(`/sandbox/${type}/`),
    `One click leads to the provider's own consent page`,
  )
  const finalPage = await person.clickFirstButton(consentPage)
  say.check(finalPage.status === 200, "The person consents and comes back: connected")
  const query = new URLSearchParams({ integration_type: type, connection_id: textOf(begun, "connection_id") })
  const { status } = await owner("GET", `/api/apps/${app.id}/external-auth/status?${query}`)
  say.check(status === "ACTIVE", "Whoever asked for the connection sees it as ACTIVE")
}
