import type { Connector, ConnectorTypeInfo } from "@grantry/sdk/wire"
import { Alert, Grid, Stack } from "@mantine/core"
import { IconAlertTriangle } from "@tabler/icons-react"
import { useQuery } from "@tanstack/react-query"
import { useParams } from "@tanstack/react-router"
import { ConnectorSnippets } from "../connectors/connector-snippets.tsx"
import { ConnectorUsers } from "../connectors/connector-users.tsx"
import { DeleteConnector } from "../connectors/delete-connector.tsx"
import { ProviderSteps } from "../connectors/provider-steps.tsx"
import { RotateSecret } from "../connectors/rotate-secret.tsx"
import { ScopesForm } from "../connectors/scopes-form.tsx"
import { TryConnector } from "../connectors/try-connector.tsx"
import { DisconnectEverything } from "../off-boarding/disconnect-everything.tsx"
import { useConnectorType } from "../server/connector-types.ts"
import { connectorQuery } from "../server/connectors.ts"
import { useMay } from "../server/workspaces.ts"
import { BackLink } from "../show/back-link.tsx"
import { Loaded } from "../show/loaded.tsx"
import { Monogram } from "../show/monogram.tsx"
import { PageHeading } from "../show/page-heading.tsx"

export function ConnectorPage() {
  const { id, ws } = useParams({ from: "/workspaces/$ws/connectors/$id" })
  const connector = useQuery(connectorQuery(ws, id))
  const type = useConnectorType(connector.data?.integration_type ?? "")
  return (
    <>
      <BackLink to="/workspaces/$ws/connectors" params={{ ws }}>
        All connectors
      </BackLink>
      <Loaded of={connector}>
        {(found) => (type ? <OneConnector connector={found} type={type} workspaceId={ws} /> : null)}
      </Loaded>
    </>
  )
}

interface OneConnectorProps {
  readonly connector: Connector
  readonly type: ConnectorTypeInfo
  readonly workspaceId: string
}

function OneConnector(props: OneConnectorProps) {
  const { connector, type, workspaceId } = props
  const mayWrite = useMay(workspaceId, "admin")
  const isOwn = connector.credential_source === "byo"
  return (
    <>
      <PageHeading
        title={connector.name}
        mark={<Monogram of={type.integration_type} name={type.display_name} size="lg" />}
        actions={<TryConnector connector={connector} workspaceId={workspaceId} service={type.display_name} />}
      >
        {type.display_name}, {isOwn ? "with an own OAuth client" : "served by the sandbox"}
      </PageHeading>
      <Stack>
        {connector.client_problem !== null && (
          <Alert
            color="red"
            icon={<IconAlertTriangle size={18} />}
            title="The provider rejects this OAuth client"
          >
            {connector.client_problem} No connection is lost: mend the client and everything goes on.
          </Alert>
        )}
        <Grid>
          <Grid.Col span={{ base: 12, md: 7 }}>
            <Stack>
              <ScopesForm key={connector.updated_at} {...props} mayWrite={mayWrite} />
              <ConnectorUsers connector={connector} workspaceId={workspaceId} />
            </Stack>
          </Grid.Col>
          <Grid.Col span={{ base: 12, md: 5 }}>
            <Stack>
              <ConnectorSnippets connector={connector} />
              <ProviderSteps type={type} redirectUri={connector.redirect_uri} />
              {mayWrite && isOwn && <RotateSecret connector={connector} workspaceId={workspaceId} />}
              {mayWrite && (
                <DisconnectEverything
                  workspaceId={workspaceId}
                  covers={{ connector_id: connector.id }}
                  name={connector.name}
                  what="this connector"
                />
              )}
              {mayWrite && <DeleteConnector connector={connector} workspaceId={workspaceId} />}
            </Stack>
          </Grid.Col>
        </Grid>
      </Stack>
    </>
  )
}
