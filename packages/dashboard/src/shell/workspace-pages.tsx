import { Stack } from "@mantine/core"
import {
  IconActivityHeartbeat,
  IconApps,
  IconHistory,
  IconKey,
  IconPlugConnected,
  IconSettings,
  IconUsersGroup,
  IconWebhook,
} from "@tabler/icons-react"
import { useMay } from "../server/workspaces.ts"
import { NavigationEntry } from "./navigation-entry.tsx"

export function WorkspacePages({ workspaceId }: { readonly workspaceId: string }) {
  const params = { ws: workspaceId }
  const maySettle = useMay(workspaceId, "admin")
  return (
    <Stack gap={2} mt="xs">
      <NavigationEntry
        leftSection={<IconApps size={18} />}
        label="Apps"
        to="/workspaces/$ws"
        params={params}
        activeOptions={{ exact: true }}
      />
      <NavigationEntry
        leftSection={<IconPlugConnected size={18} />}
        label="Connectors"
        to="/workspaces/$ws/connectors"
        params={params}
      />
      <NavigationEntry
        leftSection={<IconUsersGroup size={18} />}
        label="Members"
        to="/workspaces/$ws/members"
        params={params}
      />
      <NavigationEntry
        leftSection={<IconKey size={18} />}
        label="API keys"
        to="/workspaces/$ws/api-keys"
        params={params}
      />
      <NavigationEntry
        leftSection={<IconWebhook size={18} />}
        label="Webhooks"
        to="/workspaces/$ws/webhooks"
        params={params}
      />
      <NavigationEntry
        leftSection={<IconHistory size={18} />}
        label="Audit"
        to="/workspaces/$ws/audit"
        params={params}
      />
      <NavigationEntry
        leftSection={<IconActivityHeartbeat size={18} />}
        label="Health"
        to="/workspaces/$ws/health"
        params={params}
      />
      {maySettle && (
        <NavigationEntry
          leftSection={<IconSettings size={18} />}
          label="Workspace settings"
          to="/workspaces/$ws/settings"
          params={params}
        />
      )}
    </Stack>
  )
}
