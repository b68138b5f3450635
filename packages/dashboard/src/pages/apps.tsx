import type { App } from "@grantry/sdk/wire"
import { Button, Card, EmptyState, Group, SimpleGrid, Stack, Text } from "@mantine/core"
import { useDisclosure } from "@mantine/hooks"
import { IconApps, IconPlus } from "@tabler/icons-react"
import { useQuery } from "@tanstack/react-query"
import { Link, useParams } from "@tanstack/react-router"
import { appsQuery, useMay } from "../server/workspaces.ts"
import { NewAppDialog } from "../start/new-app-dialog.tsx"
import { FirstSteps } from "../start/first-steps.tsx"
import { Loaded } from "../show/loaded.tsx"
import { Moment } from "../show/moment.tsx"
import { Monogram } from "../show/monogram.tsx"
import { PageHeading } from "../show/page-heading.tsx"

export function Apps() {
  const { ws } = useParams({ from: "/workspaces/$ws" })
  const [isNew, dialog] = useDisclosure(false)
  const mayCreate = useMay(ws, "editor")
  const apps = useQuery({
    ...appsQuery,
    select: (all: readonly App[]) => all.filter((one) => one.organization_id === ws),
  })
  const button = mayCreate && (
    <Button leftSection={<IconPlus size={16} />} onClick={dialog.open}>
      New app
    </Button>
  )
  return (
    <>
      <PageHeading title="Apps" actions={button}>
        An app is one product of yours: it has its own connections, users and keys.
      </PageHeading>
      <Loaded of={apps}>
        {(found) => (
          <Stack gap="xl">
            {mayCreate && <FirstSteps apps={found} onNewApp={dialog.open} />}
            {found.length === 0 ? <NoApps /> : <AppGrid apps={found} />}
          </Stack>
        )}
      </Loaded>
      <NewAppDialog workspaceId={ws} opened={isNew} onClose={dialog.close} />
    </>
  )
}

function NoApps() {
  return (
    <EmptyState
      icon={<IconApps size={28} />}
      title="No app yet"
      description="Everything is connected for an app. Its owners and editors can make one."
    />
  )
}

function AppGrid({ apps }: { readonly apps: readonly App[] }) {
  return (
    <SimpleGrid component="ul" cols={{ base: 1, xs: 2, md: 3 }} p={0} m={0} style={{ listStyle: "none" }}>
      {apps.map((app) => (
        <Card key={app.id} component="li" className="lifts" pos="relative">
          <Group wrap="nowrap">
            <Monogram of={app.id} name={app.name} />
            <Stack gap={2} miw={0}>
              <Text fw={600} truncate>
                <Link
                  className="cover-link"
                  to="/apps/$app/integrations"
                  params={{ app: app.id }}
                  style={{ color: "inherit", textDecoration: "none" }}
                >
                  {app.name}
                </Link>
              </Text>
              <Text size="sm" c="dimmed">
                made <Moment at={app.created_at} inherit span />
              </Text>
            </Stack>
          </Group>
        </Card>
      ))}
    </SimpleGrid>
  )
}
