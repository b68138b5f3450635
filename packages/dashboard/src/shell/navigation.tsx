import { AppShell, Divider, ScrollArea, Text } from "@mantine/core"
import { IconFlask } from "@tabler/icons-react"
import { hasSandbox } from "../page-facts.ts"
import { AppPages } from "./app-pages.tsx"
import { AppSelect } from "./app-select.tsx"
import { NavigationEntry } from "./navigation-entry.tsx"
import { usePlace } from "./use-place.ts"
import { WorkspacePages } from "./workspace-pages.tsx"
import { WorkspaceSelect } from "./workspace-select.tsx"

export function Navigation() {
  const { app, workspace } = usePlace()
  return (
    <>
      <AppShell.Section pb="sm">
        <WorkspaceSelect workspace={workspace} />
      </AppShell.Section>
      <AppShell.Section grow component={ScrollArea}>
        {workspace && (
          <>
            <WorkspacePages workspaceId={workspace.id} />
            <Divider my="sm" />
            <Text size="xs" c="dimmed" fw={600} px="xs" mb={6}>
              App
            </Text>
            <AppSelect app={app} workspaceId={workspace.id} />
          </>
        )}
        {app && <AppPages appId={app.id} />}
      </AppShell.Section>
      {hasSandbox && (
        <AppShell.Section pt="sm">
          <NavigationEntry leftSection={<IconFlask size={18} />} label="Sandbox" to="/playground" />
        </AppShell.Section>
      )}
    </>
  )
}
