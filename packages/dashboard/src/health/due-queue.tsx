import type { WorkspaceHealth } from "@grantry/sdk/wire"
import { Card, Group, Progress, Stack, Text, Title } from "@mantine/core"
import { useQuery } from "@tanstack/react-query"
import { connectorTypesQuery, nameOfType } from "../server/connector-types.ts"
import { Moment } from "../show/moment.tsx"
import { Monogram } from "../show/monogram.tsx"
import { dueByType } from "./count-health.ts"

/** Refreshes that wait for their turn, per service, the longest wait first. */
export function DueQueue({ health }: { readonly health: WorkspaceHealth }) {
  const types = useQuery(connectorTypesQuery).data
  const lines = dueByType(health)
  const most = Math.max(1, ...lines.map(({ due }) => due))
  const [oldest] = lines
  return (
    <Card>
      <Title order={2} mb={4}>
        Due queue
      </Title>
      <Text size="sm" c="dimmed" mb="md" component="div">
        {oldest === undefined ? (
          "Nothing waits: every token that was due has been refreshed."
        ) : (
          <>
            Tokens that are due for a refresh; the oldest since <Moment at={oldest.oldest} inherit span />.
            They wait while a provider rests after trouble, for an OAuth client's rate, or for somebody to
            ask.
          </>
        )}
      </Text>
      <Stack component="ul" gap="sm" p={0} m={0} style={{ listStyle: "none" }}>
        {lines.map(({ due, oldest: since, type }) => {
          const name = nameOfType(types, type)
          return (
            <Group key={type} component="li" wrap="nowrap" gap="sm">
              <Monogram of={type} name={name} size="sm" />
              <Text size="sm" w={{ base: 90, sm: 150 }} truncate>
                {name}
              </Text>
              <Progress
                flex={1}
                size="lg"
                value={(100 * due) / most}
                color="grantry.6"
                aria-label={`${name}: ${due} due`}
              />
              <Text size="sm" ta="right" style={{ whiteSpace: "nowrap" }}>
                {due.toLocaleString()}, <Moment at={since} inherit span />
              </Text>
            </Group>
          )
        })}
      </Stack>
    </Card>
  )
}
