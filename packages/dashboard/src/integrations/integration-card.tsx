import type { ConnectionSummary, ConnectorTypeInfo } from "@grantry/sdk/wire"
import { Card, Group, Stack, Text } from "@mantine/core"
import { Link } from "@tanstack/react-router"
import { isConnected } from "../server/connections.ts"
import { Monogram } from "../show/monogram.tsx"
import { ConnectionBadge } from "./connection-badge.tsx"

interface IntegrationCardProps {
  readonly appId: string
  readonly type: ConnectorTypeInfo
  readonly connection: ConnectionSummary | undefined
}

export function IntegrationCard({ appId, connection, type }: IntegrationCardProps) {
  return (
    <Card component="li" className="lifts" pos="relative" h="100%" padding="md">
      <Group wrap="nowrap" align="flex-start" gap="sm">
        <Monogram of={type.integration_type} name={type.display_name} />
        <Stack gap={4} flex={1} miw={0}>
          <Group gap="xs" justify="space-between" wrap="nowrap">
            <Text fw={600} truncate>
              <Link
                className="cover-link"
                to="/apps/$app/integrations/$type"
                params={{ app: appId, type: type.integration_type }}
                style={{ color: "inherit", textDecoration: "none" }}
              >
                {type.display_name}
              </Link>
            </Text>
            {isConnected(connection) && <ConnectionBadge connection={connection} />}
          </Group>
          <Text size="sm" c="dimmed" lineClamp={2}>
            {(isConnected(connection) && connection.account?.label) || type.description}
          </Text>
        </Stack>
      </Group>
    </Card>
  )
}
