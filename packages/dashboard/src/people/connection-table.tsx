import type { ConnectionSummary } from "@grantry/sdk/wire"
import { Table, Text } from "@mantine/core"
import { useQuery } from "@tanstack/react-query"
import type { ReactNode } from "react"
import { ConnectionBadge } from "../integrations/connection-badge.tsx"
import { appsQuery } from "../server/workspaces.ts"
import { Moment } from "../show/moment.tsx"

interface ConnectionTableProps {
  readonly connections: readonly ConnectionSummary[]
  /** At the end of each line. */
  readonly action?: (connection: ConnectionSummary) => ReactNode
}

export function ConnectionTable({ action, connections }: ConnectionTableProps) {
  const apps = useQuery(appsQuery).data
  const ownerOf = ({ app_id: appId, user_id: userId }: ConnectionSummary) =>
    userId ?? apps?.find(({ id }) => id === appId)?.name ?? appId
  return (
    <Table.ScrollContainer minWidth={520}>
      <Table verticalSpacing="sm">
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Whose</Table.Th>
            <Table.Th>Account</Table.Th>
            <Table.Th>Since</Table.Th>
            <Table.Th>Status</Table.Th>
            {action && <Table.Th aria-label="Actions" />}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {connections.map((connection) => (
            <Table.Tr key={connection.id}>
              <Table.Td>
                <Text size="sm" fw={600}>
                  {ownerOf(connection)}
                </Text>
                <Text size="xs" c="dimmed">
                  {connection.owner_kind === "app" ? "shared by the app" : connection.display_name}
                </Text>
              </Table.Td>
              <Table.Td>{connection.account?.label ?? "–"}</Table.Td>
              <Table.Td>
                <Moment at={connection.status_since} />
              </Table.Td>
              <Table.Td>
                <ConnectionBadge connection={connection} />
              </Table.Td>
              {action && <Table.Td ta="right">{action(connection)}</Table.Td>}
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  )
}
