import type { Connector, ConnectionListAnswer } from "@grantry/sdk/wire"
import { Card, SegmentedControl, Stack, Text, Title } from "@mantine/core"
import { infiniteQueryOptions, useInfiniteQuery } from "@tanstack/react-query"
import { useState } from "react"
import { server } from "../server/client.ts"
import { connectorsKey } from "../server/connectors.ts"
import { ConnectionTable } from "../people/connection-table.tsx"
import { ErrorNotice } from "../show/error-notice.tsx"
import { MoreButton } from "../show/more-button.tsx"

interface ConnectorUsersProps {
  readonly connector: Connector
  readonly workspaceId: string
}

function usersQuery(workspaceId: string, connectorId: string, onlyMissing: boolean) {
  return infiniteQueryOptions({
    queryKey: [...connectorsKey(workspaceId), connectorId, "connections", onlyMissing],
    queryFn: ({ pageParam }) =>
      server.send<ConnectionListAnswer>({
        method: "GET",
        path: ["workspace", workspaceId, "connectors", connectorId, "connections"],
        query: { limit: 25, cursor: pageParam, missing_scopes: onlyMissing ? "true" : undefined },
      }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => last.next_cursor ?? undefined,
  })
}

/** Who uses it, and who must connect again since its permissions were changed. */
export function ConnectorUsers({ connector, workspaceId }: ConnectorUsersProps) {
  const [shown, show] = useState("all")
  const users = useInfiniteQuery(usersQuery(workspaceId, connector.id, shown === "missing"))
  const found = users.data?.pages.flatMap((page) => page.connections) ?? []
  return (
    <Card>
      <Stack>
        <Title order={2}>Who uses it</Title>
        <SegmentedControl
          aria-label="Which connections"
          value={shown}
          onChange={show}
          data={[
            { value: "all", label: "All" },
            { value: "missing", label: "Must connect again" },
          ]}
        />
        <ErrorNotice error={users.error} />
        {users.isSuccess && found.length === 0 && (
          <Text size="sm" c="dimmed">
            {shown === "all" ? "Nobody yet." : "Nobody: all have what it asks for."}
          </Text>
        )}
        {found.length > 0 && <ConnectionTable connections={found} />}
        <MoreButton query={users} />
      </Stack>
    </Card>
  )
}
