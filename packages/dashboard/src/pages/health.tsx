import { Alert, EmptyState, Group, Stack, Text } from "@mantine/core"
import { IconActivityHeartbeat, IconCircleCheck, IconDatabaseOff } from "@tabler/icons-react"
import { useQuery } from "@tanstack/react-query"
import { useParams } from "@tanstack/react-router"
import { byType, totals } from "../health/count-health.ts"
import { DueQueue } from "../health/due-queue.tsx"
import { HealthByType } from "../health/health-by-type.tsx"
import { HealthFigures } from "../health/health-figures.tsx"
import { RefreshCard } from "../health/refresh-card.tsx"
import { healthQuery, serverHealthQuery } from "../server/health.ts"
import { Loaded } from "../show/loaded.tsx"
import { PageHeading } from "../show/page-heading.tsx"

const time = new Intl.DateTimeFormat(undefined, { timeStyle: "medium" })

export function Health() {
  const { ws } = useParams({ from: "/workspaces/$ws/health" })
  const health = useQuery(healthQuery(ws))
  return (
    <>
      <PageHeading title="Health">
        How this workspace's connections do, and how their refreshes went. It counts again by itself.
      </PageHeading>
      <Stack>
        <ServerState />
        <Loaded of={health}>
          {(found) => {
            const lines = byType(found)
            return (
              <>
                <HealthFigures totals={totals(found)} />
                {lines.length === 0 ? (
                  <EmptyState
                    icon={<IconActivityHeartbeat size={28} />}
                    title="Nothing is connected yet"
                    description="Connections show here as soon as there are any."
                  />
                ) : (
                  <>
                    <RefreshCard workspaceId={ws} />
                    <DueQueue health={found} />
                    <HealthByType lines={lines} />
                  </>
                )}
                <Text size="sm" c="dimmed">
                  Counted at {time.format(new Date(found.counted_at))} by the server's clock.
                </Text>
              </>
            )
          }}
        </Loaded>
      </Stack>
    </>
  )
}

function ServerState() {
  const state = useQuery(serverHealthQuery)
  if (state.isPending) return null
  if (!state.data?.ready) {
    return (
      <Alert color="red" icon={<IconDatabaseOff size={18} />} title="The server is not ready">
        {state.error?.message ??
          "It runs, but its database does not answer. Tokens are given out again when it does."}
      </Alert>
    )
  }
  return (
    <Group gap="xs">
      <IconCircleCheck size={18} color="var(--mantine-color-teal-6)" />
      <Text size="sm">The server is ready: its database answers and its keys are usable.</Text>
    </Group>
  )
}
