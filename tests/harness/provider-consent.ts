/** Connecting at the strict provider, which lets everybody in: connect page, provider and back. */
import { call, type TestApp } from "./api.ts"
import { formsOf, type PageSeen, TestBrowser } from "./browser.ts"
import { goToProvider, initiate } from "./connect.ts"
import { faultType } from "./fault-world.ts"

/** @returns the final page: where another account is connected already, the question whether to replace it is answered */
export async function connectAtProvider(url: string, app: TestApp): Promise<PageSeen> {
  const browser = new TestBrowser()
  const begun = await initiate(url, app, faultType, { force_reconnect: true })
  if (begun.redirect_url === null) throw new Error(`nothing to consent to: ${JSON.stringify(begun)}`)
  const page = await goToProvider(browser, begun.redirect_url)
  const [question] = formsOf(page)
  return question ? browser.submit(page, question, { answer: "replace" }) : page
}

export function disconnectAt(url: string, app: TestApp) {
  return call(url, "DELETE", `/api/apps/${app.id}/external-auth/integrations/${faultType}`)
}
