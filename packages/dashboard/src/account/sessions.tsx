import { Button, Card, Group, Stack, Text, Title } from "@mantine/core"
import { IconDeviceLaptop } from "@tabler/icons-react"
import { useQuery } from "@tanstack/react-query"
import {
  endOtherSessions,
  endSession,
  type NamedSession,
  sessionsKey,
  sessionsQuery,
} from "../server/account.ts"
import { useAct } from "../server/use-act.ts"
import { ErrorNotice } from "../show/error-notice.tsx"
import { Loaded } from "../show/loaded.tsx"
import { Moment } from "../show/moment.tsx"

/** Where one is signed in. */
export function Sessions() {
  const sessions = useQuery(sessionsQuery)
  const endOthers = useAct({
    act: endOtherSessions,
    done: () => "You are signed in here only.",
    changes: [sessionsKey],
  })
  return (
    <Card>
      <Group justify="space-between" mb="md">
        <Title order={2}>Signed in</Title>
        <Button
          size="xs"
          variant="default"
          loading={endOthers.isPending}
          onClick={() => endOthers.mutate(undefined)}
        >
          Sign out everywhere else
        </Button>
      </Group>
      <Stack>
        <ErrorNotice error={endOthers.error} />
        <Loaded of={sessions}>
          {(found) => found.map((session) => <Session key={session.id} session={session} />)}
        </Loaded>
      </Stack>
    </Card>
  )
}

function Session({ session }: { readonly session: NamedSession }) {
  const end = useAct({
    act: () => endSession(session.token),
    done: () => "That sign-in has ended.",
    changes: [["session"]],
  })
  return (
    <Group wrap="nowrap" gap="sm">
      <IconDeviceLaptop size={20} style={{ flex: "none" }} />
      <div style={{ flex: 1, minWidth: 0 }}>
        <Text size="sm" truncate>
          {session.userAgent ?? "An unknown browser"}
        </Text>
        <Text size="xs" c="dimmed">
          since <Moment at={session.createdAt} size="xs" />
          {session.ipAddress ? `, from ${session.ipAddress}` : ""}
        </Text>
      </div>
      <Button
        size="compact-sm"
        variant="subtle"
        color="red"
        loading={end.isPending}
        onClick={() => end.mutate(undefined)}
      >
        End
      </Button>
    </Group>
  )
}
