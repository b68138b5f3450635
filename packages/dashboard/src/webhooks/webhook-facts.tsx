import type { Webhook } from "@grantry/sdk/wire"
import { Alert, Card, Code, DataList, Group, Stack, Text, Title } from "@mantine/core"
import { IconAlertTriangle, IconPlugConnectedX } from "@tabler/icons-react"
import { eventMeanings } from "../server/webhooks.ts"
import { CopyText } from "../show/copy-text.tsx"
import { Moment } from "../show/moment.tsx"
import { useAppName } from "./use-app-name.ts"
import { WebhookBadge } from "./webhook-badge.tsx"

/** What is wrong with an endpoint, since when, and what to do. */
export function WebhookTrouble({ webhook }: { readonly webhook: Webhook }) {
  const { disabled_reason: reason, failing_since: failing, status } = webhook
  if (status === "disabled") {
    return (
      <Alert color="red" icon={<IconPlugConnectedX size={18} />} title="Nothing is sent here">
        It is off because {reason ?? "somebody switched it off"}. What waited for it has failed: mend the
        endpoint, switch it on, and send what matters again from the list below.
      </Alert>
    )
  }
  if (failing === null) return null
  return (
    <Alert color="orange" icon={<IconAlertTriangle size={18} />} title="It does not take what is sent">
      Every delivery has failed since <Moment at={failing} inherit span />. They are repeated for a day; after
      five days without a success the endpoint is switched off.
    </Alert>
  )
}

export function WebhookFacts({ webhook }: { readonly webhook: Webhook }) {
  const appName = useAppName()
  return (
    <Card h="100%">
      <Group justify="space-between" mb="md">
        <Title order={2}>Endpoint</Title>
        <WebhookBadge webhook={webhook} />
      </Group>
      <DataList labelWidth={90}>
        <DataList.Item>
          <DataList.ItemLabel>Address</DataList.ItemLabel>
          <DataList.ItemValue>
            <CopyText text={webhook.url} label="address" />
          </DataList.ItemValue>
        </DataList.Item>
        <DataList.Item>
          <DataList.ItemLabel>Hears of</DataList.ItemLabel>
          <DataList.ItemValue>{appName(webhook.app_id)}</DataList.ItemValue>
        </DataList.Item>
        <DataList.Item>
          <DataList.ItemLabel>Events</DataList.ItemLabel>
          <DataList.ItemValue>
            <Stack component="ul" gap={6} p={0} m={0} style={{ listStyle: "none" }}>
              {eventMeanings
                .filter(({ event }) => webhook.events.includes(event))
                .map(({ event, meaning }) => (
                  <li key={event}>
                    <Text size="sm">{meaning}</Text>
                    <Code fz={11} bg="transparent" p={0}>
                      {event}
                    </Code>
                  </li>
                ))}
            </Stack>
          </DataList.ItemValue>
        </DataList.Item>
        <DataList.Item>
          <DataList.ItemLabel>Added</DataList.ItemLabel>
          <DataList.ItemValue>
            <Moment at={webhook.created_at} />
          </DataList.ItemValue>
        </DataList.Item>
      </DataList>
    </Card>
  )
}
