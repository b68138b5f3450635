import type { Connector } from "@grantry/sdk/wire"
import { Badge, Button, Card, EmptyState, Group, Stack, Text } from "@mantine/core"
import { IconPlugConnected, IconPlus } from "@tabler/icons-react"
import { useQuery } from "@tanstack/react-query"
import { Link, useParams } from "@tanstack/react-router"
import { connectorTypesQuery, nameOfType } from "../server/connector-types.ts"
import { connectorsQuery } from "../server/connectors.ts"
import { useMay } from "../server/workspaces.ts"
import { Loaded } from "../show/loaded.tsx"
import { Monogram } from "../show/monogram.tsx"
import { PageHeading } from "../show/page-heading.tsx"

export function Connectors() {
  const { ws } = useParams({ from: "/workspaces/$ws/connectors" })
  const connectors = useQuery(connectorsQuery(ws))
  const button = useMay(ws, "admin") && (
    <Button
      leftSection={<IconPlus size={16} />}
      renderRoot={(props) => <Link to="/workspaces/$ws/connectors/new" params={{ ws }} {...props} />}
    >
      Register a connector
    </Button>
  )
  return (
    <>
      <PageHeading title="Connectors" actions={button}>
        OAuth clients that this workspace has registered at providers. All its apps use them.
      </PageHeading>
      <Loaded of={connectors}>
        {(found) =>
          found.length === 0 ? (
            <EmptyState
              icon={<IconPlugConnected size={28} />}
              title="No connector yet"
              description="Until one is registered, the operator's OAuth clients are used, or in development the sandbox."
            />
          ) : (
            <Stack component="ul" gap="sm" p={0} m={0} style={{ listStyle: "none" }}>
              {found.map((connector) => (
                <ConnectorLine key={connector.id} connector={connector} workspaceId={ws} />
              ))}
            </Stack>
          )
        }
      </Loaded>
    </>
  )
}

function ConnectorLine({
  connector,
  workspaceId,
}: {
  readonly connector: Connector
  readonly workspaceId: string
}) {
  const types = useQuery(connectorTypesQuery).data
  const service = nameOfType(types, connector.integration_type)
  return (
    <Card component="li" className="lifts" pos="relative" padding="md">
      <Group wrap="nowrap">
        <Monogram of={connector.integration_type} name={service} />
        <Stack gap={2} flex={1} miw={0}>
          <Text fw={600} truncate>
            <Link
              className="cover-link"
              to="/workspaces/$ws/connectors/$id"
              params={{ ws: workspaceId, id: connector.id }}
              style={{ color: "inherit", textDecoration: "none" }}
            >
              {connector.name}
            </Link>
          </Text>
          <Text size="sm" c="dimmed">
            {service} · {connector.scopes.length} permissions
          </Text>
        </Stack>
        {connector.credential_source === "sandbox" && <Badge variant="default">Sandbox</Badge>}
        {connector.client_problem !== null && <Badge color="red">Rejected by the provider</Badge>}
      </Group>
    </Card>
  )
}
