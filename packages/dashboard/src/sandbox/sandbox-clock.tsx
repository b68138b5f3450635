import { Button, Card, Group, Text, Title } from "@mantine/core"
import { IconPlayerTrackNext } from "@tabler/icons-react"
import { control } from "../server/sandbox.ts"
import { useAct } from "../server/use-act.ts"
import { ErrorNotice } from "../show/error-notice.tsx"

const minuteMs = 60_000
const jumps = [
  { label: "10 minutes", ms: 10 * minuteMs },
  { label: "1 hour", ms: 60 * minuteMs },
  { label: "1 day", ms: 24 * 60 * minuteMs },
  { label: "90 days", ms: 90 * 24 * 60 * minuteMs },
]

const format = new Intl.DateTimeFormat(undefined, { dateStyle: "full", timeStyle: "medium" })

export function SandboxClock({ now }: { readonly now: string }) {
  const advance = useAct({
    act: (ms: number) => control("clock", { advance_ms: ms }),
    done: () => "Time has passed: tokens that lived shorter have expired.",
    changes: [["sandbox"], ["apps"]],
  })
  return (
    <Card h="100%">
      <Title order={2} mb={4}>
        Clock
      </Title>
      <Text size="sm" c="dimmed" mb="md">
        It moves what the providers consider expired, and this server's own sense of time with it. Only
        forwards.
      </Text>
      <Text fw={600} mb="md">
        <time dateTime={now}>{format.format(new Date(now))}</time>
      </Text>
      <Group gap="xs">
        {jumps.map(({ label, ms }) => (
          <Button
            key={label}
            variant="default"
            size="xs"
            leftSection={<IconPlayerTrackNext size={14} />}
            loading={advance.isPending && advance.variables === ms}
            onClick={() => advance.mutate(ms)}
          >
            {label}
          </Button>
        ))}
      </Group>
      <ErrorNotice error={advance.error} />
    </Card>
  )
}
