import { Button, Card, Text, Timeline, Title } from "@mantine/core"
import { useInfiniteQuery, useQuery } from "@tanstack/react-query"
import { useActorNames } from "../audit/use-actor-names.ts"
import { auditQuery } from "../server/audit-events.ts"
import type { ConnectionDetails } from "@grantry/sdk/wire"
import { appsQuery } from "../server/workspaces.ts"
import { ErrorNotice } from "../show/error-notice.tsx"
import { historyText } from "./history-words.ts"
import { Moment } from "../show/moment.tsx"

interface ConnectionHistoryProps {
  readonly appId: string
  readonly connection: ConnectionDetails
}

/** The audit events of one connection, newest first. */
export function ConnectionHistory({ appId, connection }: ConnectionHistoryProps) {
  const workspaceId = useQuery(appsQuery).data?.find(({ id }) => id === appId)?.organization_id ?? ""
  const nameOf = useActorNames(workspaceId)
  const events = useInfiniteQuery({
    ...auditQuery(workspaceId, { target: connection.id, limit: 10 }),
    enabled: workspaceId !== "",
  })
  const found = events.data?.pages.flatMap((page) => page.audit_events) ?? []
  return (
    <Card>
      <Title order={2} mb="md">
        History
      </Title>
      <ErrorNotice error={events.error} />
      {events.isSuccess && found.length === 0 && <Text c="dimmed">Nothing has happened yet.</Text>}
      <Timeline bulletSize={12} lineWidth={2} active={found.length}>
        {found.map((event) => (
          <Timeline.Item key={event.id} title={historyText(event)}>
            <Text size="sm" c="dimmed">
              {nameOf(event.actor)} · <Moment at={event.at} />
            </Text>
          </Timeline.Item>
        ))}
      </Timeline>
      {events.hasNextPage && (
        <Button
          variant="subtle"
          mt="sm"
          loading={events.isFetchingNextPage}
          onClick={() => void events.fetchNextPage()}
        >
          Older
        </Button>
      )}
    </Card>
  )
}
