import type { RefreshHistory } from "@grantry/sdk/wire"
import { Group, Progress, Stack, Text, Title } from "@mantine/core"
import { useQuery } from "@tanstack/react-query"
import { connectorTypesQuery, nameOfType } from "../server/connector-types.ts"
import { Monogram } from "../show/monogram.tsx"
import { judge, rateText, successRate, troubleText } from "./judge-refreshes.ts"

/** Those where something went wrong, the worst first, and what it was. */
export function FailingServices({ history }: { readonly history: RefreshHistory }) {
  const types = useQuery(connectorTypesQuery).data
  const failing = history.types
    .map(({ integration_type: type, outcomes }) => ({ type, outcomes, ...judge(outcomes) }))
    .filter(({ ended, failed }) => failed + ended > 0)
    .sort((a, b) => (successRate(a) ?? 100) - (successRate(b) ?? 100) || b.ended - a.ended)
  return (
    <section aria-labelledby="failing-services">
      <Title order={3} size="h4" mb="xs" id="failing-services">
        Failing providers
      </Title>
      {failing.length === 0 ? (
        <Text size="sm" c="dimmed">
          None: every provider that was asked answered with a token.
        </Text>
      ) : (
        <Stack component="ul" gap="sm" p={0} m={0} style={{ listStyle: "none" }}>
          {failing.map((line) => {
            const name = nameOfType(types, line.type)
            const rate = successRate(line)
            return (
              <Group key={line.type} component="li" wrap="nowrap" gap="sm" align="center">
                <Monogram of={line.type} name={name} size="sm" />
                <Stack gap={4} flex={1} miw={0}>
                  <Group justify="space-between" gap="xs">
                    <Text size="sm" fw={600}>
                      {name}
                    </Text>
                    <Text size="sm">{rateText(rate)} worked</Text>
                  </Group>
                  <Progress
                    value={rate ?? 0}
                    color={rate === 100 ? "teal.6" : "orange.6"}
                    size="sm"
                    aria-label={`${name}: ${rateText(rate)} worked`}
                  />
                  <Text size="xs" c="dimmed">
                    {troubleText(line.outcomes)}
                  </Text>
                </Stack>
              </Group>
            )
          })}
        </Stack>
      )}
    </section>
  )
}
