import type { App } from "@grantry/sdk/wire"
import { Button, Menu, Text } from "@mantine/core"
import { IconSelector } from "@tabler/icons-react"
import { useQuery } from "@tanstack/react-query"
import { Link } from "@tanstack/react-router"
import { appsQuery } from "../server/workspaces.ts"

interface AppSelectProps {
  readonly app: App | undefined
  readonly workspaceId: string
}

export function AppSelect({ app, workspaceId }: AppSelectProps) {
  const apps = useQuery(appsQuery).data?.filter((one) => one.organization_id === workspaceId) ?? []
  return (
    <Menu width="target">
      <Menu.Target>
        <Button
          variant="default"
          fullWidth
          justify="space-between"
          rightSection={<IconSelector size={16} />}
          aria-label={app ? `App ${app.name}` : "Choose an app"}
        >
          <Text truncate size="sm" fw={app ? 600 : 400} c={app ? undefined : "dimmed"}>
            {app?.name ?? "Choose an app"}
          </Text>
        </Button>
      </Menu.Target>
      <Menu.Dropdown mah={320} style={{ overflowY: "auto" }}>
        {apps.length === 0 && <Menu.Label>No app yet</Menu.Label>}
        {apps.map((one) => (
          <Menu.Item
            key={one.id}
            renderRoot={(props) => <Link to="/apps/$app/integrations" params={{ app: one.id }} {...props} />}
          >
            {one.name}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  )
}
