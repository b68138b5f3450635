import { Card, EmptyState, Stack, Text, Title } from "@mantine/core"
import { IconMailForward } from "@tabler/icons-react"
import { useInfiniteQuery } from "@tanstack/react-query"
import { deliveriesQuery } from "../server/webhooks.ts"
import { ErrorNotice } from "../show/error-notice.tsx"
import { MoreButton } from "../show/more-button.tsx"
import { DeliveryTable } from "./delivery-table.tsx"

interface DeliveriesProps {
  readonly workspaceId: string
  readonly webhookId: string
}

/** What was sent, newest first, and what became of it. */
export function Deliveries({ webhookId, workspaceId }: DeliveriesProps) {
  const deliveries = useInfiniteQuery(deliveriesQuery(workspaceId, webhookId))
  const found = deliveries.data?.pages.flatMap((page) => page.deliveries) ?? []
  return (
    <Card>
      <Stack>
        <div>
          <Title order={2}>Deliveries</Title>
          <Text size="sm" c="dimmed">
            A week back. What fails is repeated by itself for a day, at growing intervals.
          </Text>
        </div>
        <ErrorNotice error={deliveries.error} />
        {deliveries.isSuccess && found.length === 0 && (
          <EmptyState
            icon={<IconMailForward size={28} />}
            title="Nothing was sent yet"
            description="Send a test event, or connect an account."
          />
        )}
        {found.length > 0 && (
          <DeliveryTable deliveries={found} webhookId={webhookId} workspaceId={workspaceId} />
        )}
        <MoreButton query={deliveries} />
      </Stack>
    </Card>
  )
}
