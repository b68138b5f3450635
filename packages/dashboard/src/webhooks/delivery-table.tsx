import type { WebhookDelivery } from "@grantry/sdk/wire"
import { Badge, Button, Code, Group, Table, Text } from "@mantine/core"
import { notifications } from "@mantine/notifications"
import { server } from "../server/client.ts"
import { useAct } from "../server/use-act.ts"
import { deliveryText, webhooksKey } from "../server/webhooks.ts"
import { ErrorNotice } from "../show/error-notice.tsx"
import { Moment } from "../show/moment.tsx"

interface DeliveryTableProps {
  readonly deliveries: readonly WebhookDelivery[]
  readonly webhookId: string
  readonly workspaceId: string
}

export function DeliveryTable({ deliveries, webhookId, workspaceId }: DeliveryTableProps) {
  const retry = useAct({
    act: (id: string) => server.webhooks.retry(workspaceId, webhookId, id),
    changes: [webhooksKey(workspaceId)],
  })
  const run = (id: string) =>
    retry.mutate(id, {
      onSuccess: (delivery) =>
        notifications.show({
          message: deliveryText(delivery),
          color: delivery.outcome === "delivered" ? "teal" : "red",
        }),
    })
  return (
    <>
      <ErrorNotice error={retry.error} />
      <Table.ScrollContainer minWidth={560}>
        <Table verticalSpacing="sm">
          <Table.Thead>
            <Table.Tr>
              <Table.Th>When</Table.Th>
              <Table.Th>Event</Table.Th>
              <Table.Th>Outcome</Table.Th>
              <Table.Th aria-label="Actions" />
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {deliveries.map((delivery) => (
              <Table.Tr key={delivery.id}>
                <Table.Td style={{ whiteSpace: "nowrap" }}>
                  <Moment at={delivery.created_at} />
                </Table.Td>
                <Table.Td>
                  <Code>{delivery.event}</Code>
                  <Text size="xs" c="dimmed">
                    {delivery.id}
                  </Text>
                </Table.Td>
                <Table.Td>
                  <Outcome delivery={delivery} />
                </Table.Td>
                <Table.Td ta="right">
                  {delivery.outcome !== "delivered" && (
                    <Button
                      variant="subtle"
                      size="compact-sm"
                      loading={retry.isPending && retry.variables === delivery.id}
                      onClick={() => run(delivery.id)}
                      aria-label={`Send again ${delivery.id}`}
                    >
                      Send again
                    </Button>
                  )}
                </Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
    </>
  )
}

const looks = {
  delivered: { color: "teal", text: "Arrived" },
  pending: { color: "orange", text: "Waiting" },
  failed: { color: "red", text: "Failed" },
} as const

function Outcome({ delivery }: { readonly delivery: WebhookDelivery }) {
  const { error, http_status: status, next_try_at: next, outcome, tries } = delivery
  const { color, text } = looks[outcome]
  const reason = error ?? (status === null ? null : `HTTP ${status}`)
  return (
    <>
      <Group gap="xs" wrap="nowrap">
        <Badge color={color} variant="light" miw="max-content">
          {text}
        </Badge>
        <Text size="xs" c="dimmed" style={{ whiteSpace: "nowrap" }}>
          {tries === 1 ? "1 try" : `${tries} tries`}
        </Text>
      </Group>
      <Text size="xs" mt={4}>
        {reason}
        {next !== null && (
          <>
            {reason === null ? "" : ", "}next try <Moment at={next} inherit span />
          </>
        )}
      </Text>
    </>
  )
}
