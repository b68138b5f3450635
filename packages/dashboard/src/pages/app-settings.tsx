import { Badge, Card, DataList, Stack, Text, Title } from "@mantine/core"
import { useQuery } from "@tanstack/react-query"
import { useParams } from "@tanstack/react-router"
import { DisconnectEverything } from "../off-boarding/disconnect-everything.tsx"
import { appQuery, useMayInApp, useWorkspace } from "../server/workspaces.ts"
import { AllowedOriginsForm } from "../settings/allowed-origins-form.tsx"
import { AppForm } from "../settings/app-form.tsx"
import { DeleteApp } from "../settings/delete-app.tsx"
import { IdentityIssuers } from "../settings/identity-issuers.tsx"
import { CopyText } from "../show/copy-text.tsx"
import { Loaded } from "../show/loaded.tsx"
import { PageHeading } from "../show/page-heading.tsx"
import { serverUrl } from "../page-facts.ts"

export function AppSettings() {
  const { app: appId } = useParams({ from: "/apps/$app/settings" })
  const app = useQuery(appQuery(appId))
  const mayEdit = useMayInApp(appId, "editor")
  const mayDelete = useMayInApp(appId, "admin")
  return (
    <>
      <PageHeading title="Settings">Where this app runs, who its users are, and what it may do.</PageHeading>
      <Loaded of={app}>
        {(found) => (
          <Stack>
            <Identity appId={appId} workspaceId={found.organization_id} />
            <AppForm key={`${found.name}-${found.functions_upstream}`} app={found} mayEdit={mayEdit} />
            <AllowedOriginsForm appId={appId} mayEdit={mayEdit} />
            <IdentityIssuers appId={appId} mayEdit={mayEdit} />
            {mayDelete && (
              <DisconnectEverything
                workspaceId={found.organization_id}
                covers={{ app_id: appId }}
                name={found.name}
                what="this app"
              />
            )}
            {mayDelete && <DeleteApp app={found} />}
          </Stack>
        )}
      </Loaded>
    </>
  )
}

function Identity({ appId, workspaceId }: { readonly appId: string; readonly workspaceId: string }) {
  const workspace = useWorkspace(workspaceId)
  return (
    <Card>
      <Title order={2} mb="md">
        For the SDK
      </Title>
      <DataList labelWidth={110}>
        <DataList.Item>
          <DataList.ItemLabel>appId</DataList.ItemLabel>
          <DataList.ItemValue>
            <CopyText text={appId} label="app id" />
          </DataList.ItemValue>
        </DataList.Item>
        <DataList.Item>
          <DataList.ItemLabel>serverUrl</DataList.ItemLabel>
          <DataList.ItemValue>
            <CopyText text={serverUrl} label="server URL" />
          </DataList.ItemValue>
        </DataList.Item>
        <DataList.Item>
          <DataList.ItemLabel>Plan</DataList.ItemLabel>
          <DataList.ItemValue>
            <Badge variant="default">{workspace?.subscription_tier ?? "unknown"}</Badge>
            <Text size="xs" c="dimmed" mt={4}>
              Of the workspace {workspace?.name}. It only matters where the operator demands a plan, and the
              operator sets it.
            </Text>
          </DataList.ItemValue>
        </DataList.Item>
      </DataList>
    </Card>
  )
}
