import type { Demo } from "../demo-app.ts"
import { connectSharedAccount } from "./connect-shared-account.ts"
import { slackChannels } from "./services.ts"

export async function useSlack(demo: Demo): Promise<void> {
  const { callService, grantry, say } = demo
  say.title("A Slack account beside it")
  await connectSharedAccount(demo, "slack")
  const { accessToken, account, scopes } = await grantry.asServiceRole.connectors.getConnection("slack")
  say.check(accessToken !== "", `The SDK returns a token for ${account?.label}: ${say.secret(accessToken)}`)
  say.fact(`It may: ${scopes.join(", ")}`)
  const status = await callService("slack", slackChannels, accessToken)
  say.check(status === 200, `Slack's API takes it: HTTP ${status}`)
}
