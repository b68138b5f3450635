import type { Webhook } from "@grantry/sdk/wire"
import { Card, Group, Stack, Text } from "@mantine/core"
import { Link } from "@tanstack/react-router"
import { useAppName } from "./use-app-name.ts"
import { WebhookBadge } from "./webhook-badge.tsx"

interface WebhookLineProps {
  readonly webhook: Webhook
  readonly workspaceId: string
}

export function WebhookLine({ webhook, workspaceId }: WebhookLineProps) {
  const appName = useAppName()
  const { disabled_reason: reason, events } = webhook
  return (
    <Card component="li" className="lifts" pos="relative" padding="md">
      <Group wrap="nowrap" justify="space-between">
        <Stack gap={2} miw={0}>
          <Text fw={600} truncate>
            <Link
              className="cover-link"
              to="/workspaces/$ws/webhooks/$id"
              params={{ ws: workspaceId, id: webhook.id }}
              style={{ color: "inherit", textDecoration: "none" }}
            >
              {webhook.url}
            </Link>
          </Text>
          <Text size="sm" c="dimmed">
            {events.length === 1 ? "1 event" : `${events.length} events`} of {appName(webhook.app_id)}
          </Text>
          {reason !== null && <Text size="sm">Off: {reason}.</Text>}
        </Stack>
        <WebhookBadge webhook={webhook} />
      </Group>
    </Card>
  )
}
