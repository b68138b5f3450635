import type { Workspace } from "@grantry/sdk/wire"
import { Badge, Button, Group, Menu, Text } from "@mantine/core"
import { useDisclosure } from "@mantine/hooks"
import { IconPlus, IconSelector } from "@tabler/icons-react"
import { useQuery } from "@tanstack/react-query"
import { Link } from "@tanstack/react-router"
import { workspacesQuery } from "../server/workspaces.ts"
import { NewWorkspaceDialog } from "./new-workspace-dialog.tsx"

export function WorkspaceSelect({ workspace }: { readonly workspace: Workspace | undefined }) {
  const all = useQuery(workspacesQuery).data ?? []
  const [isNew, dialog] = useDisclosure(false)
  return (
    <>
      <Menu width="target">
        <Menu.Target>
          <Button
            variant="default"
            fullWidth
            justify="space-between"
            rightSection={<IconSelector size={16} />}
            aria-label={`Workspace ${workspace?.name ?? ""}`}
          >
            <Text truncate size="sm" fw={600}>
              {workspace?.name ?? "Workspace"}
            </Text>
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Label>Workspaces</Menu.Label>
          {all.map((one) => (
            <Menu.Item
              key={one.id}
              renderRoot={(props) => <Link to="/workspaces/$ws" params={{ ws: one.id }} {...props} />}
            >
              <Group justify="space-between" wrap="nowrap">
                <Text size="sm" truncate>
                  {one.name}
                </Text>
                <Badge size="xs" variant="default">
                  {one.user_role}
                </Badge>
              </Group>
            </Menu.Item>
          ))}
          <Menu.Divider />
          <Menu.Item leftSection={<IconPlus size={14} />} onClick={dialog.open}>
            New workspace
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      <NewWorkspaceDialog opened={isNew} onClose={dialog.close} />
    </>
  )
}
