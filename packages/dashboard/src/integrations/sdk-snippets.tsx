import { Card, Tabs, Text, Title } from "@mantine/core"
import { serverUrl } from "../page-facts.ts"
import { Snippet } from "../show/snippet.tsx"

interface SdkSnippetsProps {
  readonly appId: string
  readonly type: string
}

/** What backend code says to get this token, with this app's values. */
export function SdkSnippets({ appId, type }: SdkSnippetsProps) {
  return (
    <Card>
      <Title order={2} mb={4}>
        Use it
      </Title>
      <Text size="sm" c="dimmed" mb="md">
        From backend code only: the answer is a token that works now. It needs a service key of this app.
      </Text>
      <Tabs defaultValue="sdk" keepMounted={false}>
        <Tabs.List mb="sm">
          <Tabs.Tab value="sdk">SDK</Tabs.Tab>
          <Tabs.Tab value="function">Backend function</Tabs.Tab>
          <Tabs.Tab value="curl">curl</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="sdk">
          <Snippet label="SDK code" code={sdkCode(appId, type)} />
        </Tabs.Panel>
        <Tabs.Panel value="function">
          <Snippet label="function code" code={functionCode(type)} />
        </Tabs.Panel>
        <Tabs.Panel value="curl">
          <Snippet label="curl command" code={curlCommand(appId, type)} />
        </Tabs.Panel>
      </Tabs>
    </Card>
  )
}

function sdkCode(appId: string, type: string): string {
  return `import { createClient } from "@grantry/sdk"

const { connectors } = createClient({
  serverUrl: "${serverUrl}",
  appId: "${appId}",
  serviceToken: process.env.GRANTRY_SERVICE_KEY,
}).asServiceRole

const { accessToken } = await connectors.getConnection("${type}")`
}

function functionCode(type: string): string {
  return `import { createClientFromRequest } from "@grantry/sdk"

Deno.serve(async (request) => {
  const { connectors } = createClientFromRequest(request).asServiceRole
  const { accessToken } = await connectors.getConnection("${type}")
  return new Response(accessToken ? "ready" : "never")
})`
}

/** @param key shown instead of the place where one belongs */
export function curlCommand(appId: string, type: string, key = "$GRANTRY_SERVICE_KEY"): string {
  return `curl "${serverUrl}/api/apps/${appId}/external-auth/tokens/${type}" \\
  -H "authorization: Bearer ${key}"`
}
