import type { ConnectionSummary, ConnectorTypeInfo } from "@grantry/sdk/wire"
import { EmptyState, Group, Select, SimpleGrid, TextInput, Title } from "@mantine/core"
import { IconSearch, IconSearchOff } from "@tabler/icons-react"
import { useQuery } from "@tanstack/react-query"
import { useParams } from "@tanstack/react-router"
import { useState } from "react"
import { IntegrationCard } from "../integrations/integration-card.tsx"
import { ofType, sharedConnectionsQuery } from "../server/connections.ts"
import { connectorTypesQuery } from "../server/connector-types.ts"
import { Loaded } from "../show/loaded.tsx"
import { PageHeading } from "../show/page-heading.tsx"

export function Integrations() {
  const { app } = useParams({ from: "/apps/$app/integrations" })
  const types = useQuery(connectorTypesQuery)
  const connections = useQuery(sharedConnectionsQuery(app))
  return (
    <>
      <PageHeading title="Integrations">
        One account per service that this app's backend code uses, whoever its users are.
      </PageHeading>
      <Loaded of={connections}>
        {(found) => (
          <Loaded of={types}>{(all) => <Browser appId={app} types={all} connections={found} />}</Loaded>
        )}
      </Loaded>
    </>
  )
}

interface BrowserProps {
  readonly appId: string
  readonly types: readonly ConnectorTypeInfo[]
  readonly connections: readonly ConnectionSummary[]
}

function Browser({ appId, connections, types }: BrowserProps) {
  const [search, setSearch] = useState("")
  const [category, setCategory] = useState<string | null>(null)
  const shown = types.filter((type) => matches(type, search, category))
  const isUsed = ({ integration_type: type }: ConnectorTypeInfo) => {
    const status = ofType(connections, type)?.status
    return status === "active" || status === "expired"
  }
  const sections = [
    { title: "In use", types: shown.filter(isUsed) },
    { title: "Available", types: shown.filter((type) => !isUsed(type)) },
  ].filter((section) => section.types.length > 0)
  return (
    <>
      <Group mb="lg" gap="sm">
        <TextInput
          flex={1}
          miw={220}
          aria-label="Search services"
          placeholder={`Search ${types.length} services`}
          leftSection={<IconSearch size={16} />}
          value={search}
          onChange={(event) => setSearch(event.currentTarget.value)}
        />
        <Select
          w={{ base: "100%", xs: 200 }}
          aria-label="Category"
          placeholder="All categories"
          clearable
          data={[...new Set(types.map((type) => type.category))]
            .sort()
            .map((value) => ({ value, label: capital(value) }))}
          value={category}
          onChange={setCategory}
        />
      </Group>
      {sections.map((section) => (
        <section key={section.title} aria-label={section.title}>
          <Title order={2} mb="sm">
            {section.title}
          </Title>
          <SimpleGrid
            component="ul"
            cols={{ base: 1, xs: 2, md: 3 }}
            mb="xl"
            p={0}
            m={0}
            style={{ listStyle: "none" }}
          >
            {section.types.map((type) => (
              <IntegrationCard
                key={type.integration_type}
                appId={appId}
                type={type}
                connection={ofType(connections, type.integration_type)}
              />
            ))}
          </SimpleGrid>
        </section>
      ))}
      {shown.length === 0 && (
        <EmptyState
          icon={<IconSearchOff size={28} />}
          title="No such service"
          description="Another spelling, or all categories? Operators can add types of their own with a JSON file."
        />
      )}
    </>
  )
}

function matches(type: ConnectorTypeInfo, search: string, category: string | null): boolean {
  if (category !== null && type.category !== category) return false
  const text = `${type.display_name} ${type.integration_type} ${type.description}`.toLowerCase()
  return text.includes(search.trim().toLowerCase())
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1)
}
