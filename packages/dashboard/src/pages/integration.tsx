import type { ConnectionDetails, ConnectorTypeInfo } from "@grantry/sdk/wire"
import { Grid, Stack } from "@mantine/core"
import { useQuery } from "@tanstack/react-query"
import { useParams } from "@tanstack/react-router"
import { ConnectionActions } from "../integrations/connection-actions.tsx"
import { ConnectionBadge } from "../integrations/connection-badge.tsx"
import { ConnectionFacts } from "../integrations/connection-facts.tsx"
import { ConnectionHistory } from "../integrations/connection-history.tsx"
import { ConnectionTrouble } from "../integrations/connection-trouble.tsx"
import { PermissionsCard } from "../integrations/permissions-card.tsx"
import { SdkSnippets } from "../integrations/sdk-snippets.tsx"
import { useConnectForm } from "../integrations/use-connect-form.ts"
import { typeConnectionQuery } from "../server/connections.ts"
import { connectorTypesQuery, useConnectorType } from "../server/connector-types.ts"
import { useMayInApp } from "../server/workspaces.ts"
import { NoSuchPage } from "../shell/no-such-page.tsx"
import { BackLink } from "../show/back-link.tsx"
import { Loaded } from "../show/loaded.tsx"
import { Monogram } from "../show/monogram.tsx"
import { PageHeading } from "../show/page-heading.tsx"

export function Integration() {
  const { app, type } = useParams({ from: "/apps/$app/integrations/$type" })
  const connection = useQuery(typeConnectionQuery(app, type))
  const types = useQuery(connectorTypesQuery)
  const info = useConnectorType(type)
  return (
    <Loaded of={types}>
      {() => (
        <Loaded of={connection}>
          {(found) =>
            info ? (
              <OfType key={`${app} ${type}`} appId={app} type={info} connection={found ?? undefined} />
            ) : (
              <NoSuchPage />
            )
          }
        </Loaded>
      )}
    </Loaded>
  )
}

interface OfTypeProps {
  readonly appId: string
  readonly type: ConnectorTypeInfo
  readonly connection: ConnectionDetails | undefined
}

function OfType({ appId, connection, type }: OfTypeProps) {
  const mayAudit = useMayInApp(appId, "admin")
  const form = useConnectForm(appId, type, connection)
  return (
    <>
      <BackLink to="/apps/$app/integrations" params={{ app: appId }}>
        All integrations
      </BackLink>
      <PageHeading
        title={type.display_name}
        mark={<Monogram of={type.integration_type} name={type.display_name} size="lg" />}
        actions={<ConnectionActions appId={appId} type={type} connection={connection} form={form} />}
      >
        {type.description}
      </PageHeading>
      <Stack>
        <ConnectionTrouble connection={connection} service={type.display_name} />
        <Grid gap="md">
          <Grid.Col span={{ base: 12, md: 7 }}>
            <PermissionsCard appId={appId} type={type} connection={connection} form={form} />
          </Grid.Col>
          <Grid.Col span={{ base: 12, md: 5 }}>
            <ConnectionFacts
              appId={appId}
              type={type}
              connection={connection}
              badge={<ConnectionBadge connection={connection} />}
            />
          </Grid.Col>
        </Grid>
        <SdkSnippets appId={appId} type={type.integration_type} />
        {connection && mayAudit && <ConnectionHistory appId={appId} connection={connection} />}
      </Stack>
    </>
  )
}
