import type { Connector } from "@grantry/sdk/wire"
import { Card, Stack, Tabs, Text, Title } from "@mantine/core"
import { serverUrl } from "../page-facts.ts"
import { CopyText } from "../show/copy-text.tsx"
import { Snippet } from "../show/snippet.tsx"

/** How code names this connector: by its id. */
export function ConnectorSnippets({ connector }: { readonly connector: Connector }) {
  return (
    <Card>
      <Title order={2} mb="xs">
        Use it
      </Title>
      <Stack gap="sm">
        <div>
          <Text size="sm" c="dimmed" mb={4}>
            Its connector ID
          </Text>
          <CopyText text={connector.id} label="connector ID" />
        </div>
        <Tabs defaultValue="shared" keepMounted={false}>
          <Tabs.List mb="sm">
            <Tabs.Tab value="shared">The app's account</Tabs.Tab>
            <Tabs.Tab value="connect">A user connects</Tabs.Tab>
            <Tabs.Tab value="user">A user's account</Tabs.Tab>
          </Tabs.List>
          <Tabs.Panel value="shared">
            <Snippet label="code for the app's account" code={sharedCode(connector)} />
          </Tabs.Panel>
          <Tabs.Panel value="connect">
            <Snippet label="code with which a user connects" code={connectCode(connector)} />
          </Tabs.Panel>
          <Tabs.Panel value="user">
            <Snippet label="code for a user's account" code={userCode(connector)} />
          </Tabs.Panel>
        </Tabs>
      </Stack>
    </Card>
  )
}

function sharedCode({ id }: Connector): string {
  return `// backend
const { accessToken } =
  await connectors.getWorkspaceConnection("${id}")`
}

function connectCode({ id }: Connector): string {
  return `// your app's page, when the user clicks
const { connectors } =
  createClient({ serverUrl: "${serverUrl}", appId, token })
await connectors.openConnectWindow("${id}")`
}

function userCode({ id }: Connector): string {
  return `// backend, while it serves the user
const { accessToken } =
  await connectors.getCurrentAppUserConnection("${id}")`
}
