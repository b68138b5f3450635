import { Badge, Code, Table, Text } from "@mantine/core"
import type { AuditEvent } from "@grantry/sdk/wire"
import { Moment } from "../show/moment.tsx"

const good = new Set(["ok", "revoked", "connected", "pending", "unsupported", "kept_shared"])

interface AuditTableProps {
  readonly events: readonly AuditEvent[]
  readonly nameOf: (actor: string) => string
}

export function AuditTable({ events, nameOf }: AuditTableProps) {
  return (
    <Table.ScrollContainer minWidth={680}>
      <Table verticalSpacing="xs" striped="even">
        <Table.Thead>
          <Table.Tr>
            <Table.Th>When</Table.Th>
            <Table.Th>Who</Table.Th>
            <Table.Th>What</Table.Th>
            <Table.Th>On what</Table.Th>
            <Table.Th>Outcome</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {events.map((event) => (
            <Table.Tr key={event.id}>
              <Table.Td style={{ whiteSpace: "nowrap" }}>
                <Moment at={event.at} />
              </Table.Td>
              <Table.Td>
                <Text size="sm">{nameOf(event.actor)}</Text>
                {event.address && (
                  <Text size="xs" c="dimmed">
                    from {event.address}
                  </Text>
                )}
              </Table.Td>
              <Table.Td>
                <Code style={{ whiteSpace: "nowrap" }}>{event.action}</Code>
                {event.count > 1 && (
                  <Text component="span" size="xs" c="dimmed" ml={6}>
                    × {event.count}
                  </Text>
                )}
              </Table.Td>
              <Table.Td>
                <Text size="sm">{event.target ?? "–"}</Text>
              </Table.Td>
              <Table.Td>
                <Badge
                  miw="max-content"
                  variant="light"
                  color={good.has(event.outcome) ? "teal" : "orange"}
                  tt="none"
                >
                  {event.outcome}
                </Badge>
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  )
}
