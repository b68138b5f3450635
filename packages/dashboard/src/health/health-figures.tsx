import { Card, SimpleGrid, Text } from "@mantine/core"
import type { Totals } from "./count-health.ts"

export function HealthFigures({ totals }: { readonly totals: Totals }) {
  const figures = [
    { label: "Connected", value: totals.connected, color: undefined },
    { label: "With trouble", value: totals.troubled, color: totals.troubled > 0 ? "orange" : undefined },
    { label: "Must reconnect", value: totals.expired, color: totals.expired > 0 ? "red" : undefined },
    { label: "Refresh due now", value: totals.due, color: undefined },
    { label: "Refreshed in the last hour", value: totals.refreshed, color: undefined },
  ]
  return (
    <SimpleGrid cols={{ base: 2, sm: 3, lg: 5 }}>
      {figures.map(({ color, label, value }) => (
        <Card key={label} padding="md">
          <Text fz={28} fw={650} lh={1.2} c={color}>
            {value.toLocaleString()}
          </Text>
          <Text size="sm" c="dimmed">
            {label}
          </Text>
        </Card>
      ))}
    </SimpleGrid>
  )
}
