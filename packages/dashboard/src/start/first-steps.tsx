import type { App } from "@grantry/sdk/wire"
import { Button, Card, CloseButton, Group, Text, Timeline, Title } from "@mantine/core"
import { useLocalStorage } from "@mantine/hooks"
import { IconCheck } from "@tabler/icons-react"
import { useQuery } from "@tanstack/react-query"
import { sharedConnectionsQuery } from "../server/connections.ts"
import { serviceKeysQuery } from "../server/keys.ts"
import { ConnectFirst } from "./connect-first.tsx"
import { FirstToken } from "./first-token.tsx"

interface FirstStepsProps {
  readonly apps: readonly App[]
  readonly onNewApp: () => void
}

/** From nothing to the first token; it goes away when it is done, or when somebody has seen enough. */
export function FirstSteps({ apps, onNewApp }: FirstStepsProps) {
  const [isHidden, hide] = useLocalStorage({ key: "grantry-first-steps-hidden", defaultValue: false })
  const app = apps[0]
  const connections = useQuery({ ...sharedConnectionsQuery(app?.id ?? ""), enabled: app !== undefined })
  const keys = useQuery({ ...serviceKeysQuery(app?.id ?? ""), enabled: app !== undefined })
  const connected = connections.data?.find(({ status }) => status === "active")
  const hasFetched = keys.data?.some((key) => key.last_used_at !== null) === true
  const isKnown = app === undefined || (connections.isFetched && keys.isFetched)
  if (isHidden || !isKnown || (connected && hasFetched)) return null
  const step = app === undefined ? 0 : connected === undefined ? 1 : 2
  const bullet = (index: number) => (index < step ? <IconCheck size={16} /> : index + 1)
  return (
    <Card radius="lg" padding="xl">
      <Group justify="space-between" mb="lg" wrap="nowrap">
        <Title order={2}>To your first token</Title>
        <CloseButton aria-label="Hide these steps" onClick={() => hide(true)} />
      </Group>
      <Timeline active={step} bulletSize={30} lineWidth={2}>
        <Timeline.Item bullet={bullet(0)} title="Make an app">
          <Hint text="What the accounts are connected for." />
          {step === 0 && <Button onClick={onNewApp}>Make an app</Button>}
        </Timeline.Item>
        <Timeline.Item bullet={bullet(1)} title="Connect an account">
          <Hint text="The sandbox has test accounts for every service: one click here, one there." />
          {app && step === 1 && <ConnectFirst appId={app.id} />}
        </Timeline.Item>
        <Timeline.Item bullet={bullet(2)} title="Fetch its token">
          <Hint text="As your backend will, with one call." />
          {app && connected && step === 2 && <FirstToken appId={app.id} type={connected.integration_type} />}
        </Timeline.Item>
      </Timeline>
    </Card>
  )
}

function Hint({ text }: { readonly text: string }) {
  return (
    <Text size="sm" c="dimmed" mb="xs">
      {text}
    </Text>
  )
}
