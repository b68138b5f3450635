import { Stack } from "@mantine/core"
import { IconKey, IconPuzzle, IconSettings, IconUsers } from "@tabler/icons-react"
import { NavigationEntry } from "./navigation-entry.tsx"

export function AppPages({ appId }: { readonly appId: string }) {
  const params = { app: appId }
  return (
    <Stack gap={2} mt="xs">
      <NavigationEntry
        leftSection={<IconPuzzle size={18} />}
        label="Integrations"
        to="/apps/$app/integrations"
        params={params}
      />
      <NavigationEntry
        leftSection={<IconUsers size={18} />}
        label="App users"
        to="/apps/$app/users"
        params={params}
      />
      <NavigationEntry
        leftSection={<IconKey size={18} />}
        label="Service keys"
        to="/apps/$app/keys"
        params={params}
      />
      <NavigationEntry
        leftSection={<IconSettings size={18} />}
        label="Settings"
        to="/apps/$app/settings"
        params={params}
      />
    </Stack>
  )
}
