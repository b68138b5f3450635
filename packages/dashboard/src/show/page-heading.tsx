import { Group, Stack, Text, Title } from "@mantine/core"
import { useDocumentTitle } from "@mantine/hooks"
import type { ReactNode } from "react"

interface PageHeadingProps {
  readonly title: string
  readonly children?: ReactNode
  /** What one can do here. */
  readonly actions?: ReactNode
  /** Before the title. */
  readonly mark?: ReactNode
}

export function PageHeading({ actions, children, mark, title }: PageHeadingProps) {
  useDocumentTitle(`${title} · Grantry`)
  return (
    <Group justify="space-between" align="flex-start" mb="lg" gap="md">
      <Group gap="md" align="center" wrap="nowrap">
        {mark}
        <Stack gap={2}>
          <Title order={1}>{title}</Title>
          {children !== undefined && (
            <Text c="dimmed" maw={680}>
              {children}
            </Text>
          )}
        </Stack>
      </Group>
      {actions}
    </Group>
  )
}
