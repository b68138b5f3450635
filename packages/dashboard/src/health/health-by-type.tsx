import { Card, ColorSwatch, Group, Progress, Stack, Text, Title, Tooltip } from "@mantine/core"
import { useQuery } from "@tanstack/react-query"
import { connectorTypesQuery, nameOfType } from "../server/connector-types.ts"
import { Monogram } from "../show/monogram.tsx"
import { total, type TypeHealth } from "./count-health.ts"

const parts = [
  { name: "working", label: "working", color: "teal.6" },
  { name: "troubled", label: "with trouble", color: "orange.6" },
  { name: "expired", label: "must reconnect", color: "red.6" },
] as const

/** One bar per service, as long as it has connections, the worst first. */
export function HealthByType({ lines }: { readonly lines: readonly TypeHealth[] }) {
  const types = useQuery(connectorTypesQuery).data
  const most = Math.max(1, ...lines.map(total))
  return (
    <Card>
      <Group justify="space-between" mb="md">
        <Title order={2}>By service</Title>
        <Group gap="md">
          {parts.map(({ color, label }) => (
            <Group key={label} gap={6}>
              <ColorSwatch
                size={10}
                withShadow={false}
                color={`var(--mantine-color-${color.replace(".", "-")})`}
              />
              <Text size="xs">{label}</Text>
            </Group>
          ))}
        </Group>
      </Group>
      <Stack component="ul" gap="md" p={0} m={0} style={{ listStyle: "none" }}>
        {lines.map((line) => {
          const name = nameOfType(types, line.type)
          return (
            <Group key={line.type} component="li" wrap="nowrap" gap="sm">
              <Monogram of={line.type} name={name} size="sm" />
              <Text size="sm" w={{ base: 90, sm: 150 }} truncate>
                {name}
              </Text>
              <Bar line={line} most={most} name={name} />
              <Text size="sm" w={56} ta="right">
                {total(line).toLocaleString()}
              </Text>
            </Group>
          )
        })}
      </Stack>
    </Card>
  )
}

function Bar({
  line,
  most,
  name,
}: {
  readonly line: TypeHealth
  readonly most: number
  readonly name: string
}) {
  return (
    <Progress.Root size="xl" flex={1}>
      {parts
        .filter((part) => line[part.name] > 0)
        .map((part) => (
          <Tooltip key={part.name} label={`${line[part.name]} ${part.label}`}>
            <Progress.Section
              value={(100 * line[part.name]) / most}
              color={part.color}
              aria-label={`${name}: ${line[part.name]} ${part.label}`}
            />
          </Tooltip>
        ))}
    </Progress.Root>
  )
}
