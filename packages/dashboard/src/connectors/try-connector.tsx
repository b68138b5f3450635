import type { Connector } from "@grantry/sdk/wire"
import { Button, Menu, Stack } from "@mantine/core"
import { IconChevronDown } from "@tabler/icons-react"
import { useQuery } from "@tanstack/react-query"
import { useState } from "react"
import { ConsentDialog } from "../integrations/consent-dialog.tsx"
import { server } from "../server/client.ts"
import { connectionsKey } from "../server/connections.ts"
import { useAct } from "../server/use-act.ts"
import { useConsent } from "../server/use-consent.ts"
import { appsQuery, useMay } from "../server/workspaces.ts"
import { ErrorNotice } from "../show/error-notice.tsx"

interface TryConnectorProps {
  readonly connector: Connector
  readonly workspaceId: string
  readonly service: string
}

/** "Try it": a real consent with this OAuth client, for one of the workspace's apps. */
export function TryConnector({ connector, service, workspaceId }: TryConnectorProps) {
  const mayConnect = useMay(workspaceId, "editor")
  const apps = useQuery(appsQuery).data?.filter((one) => one.organization_id === workspaceId) ?? []
  const [appId, setAppId] = useState("")
  const { begin, consent, dismiss } = useConsent({ appId, type: connector.integration_type })
  const start = useAct({
    act: (chosen: string) =>
      server.sharedConnections.initiate(chosen, {
        integration_type: connector.integration_type,
        connector_id: connector.id,
        force_reconnect: true,
      }),
    changes: [connectionsKey(appId)],
  })
  const run = (chosen: string) => {
    setAppId(chosen)
    start.mutate(chosen, { onSuccess: begin })
  }
  if (!mayConnect || apps.length === 0) return null
  return (
    <Stack gap="xs" align="flex-end">
      <Menu position="bottom-end">
        <Menu.Target>
          <Button loading={start.isPending} rightSection={<IconChevronDown size={16} />}>
            Try it
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Label>Connect an account for</Menu.Label>
          {apps.map(({ id, name }) => (
            <Menu.Item key={id} onClick={() => run(id)}>
              {name}
            </Menu.Item>
          ))}
        </Menu.Dropdown>
      </Menu>
      <ErrorNotice error={start.error} />
      <ConsentDialog consent={consent} service={service} onClose={dismiss} onForce={() => run(appId)} />
    </Stack>
  )
}
