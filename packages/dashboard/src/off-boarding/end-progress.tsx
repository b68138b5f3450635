import type { RevocationSums } from "@grantry/sdk/wire"
import { Group, Progress, Stack, Text } from "@mantine/core"

interface EndProgressProps {
  readonly state: string
  readonly connections: { readonly total: number; readonly done: number; readonly failed: number }
  readonly revocations: RevocationSums
}

/** How far it has come, and what the providers have said. */
export function EndProgress({ connections, revocations, state }: EndProgressProps) {
  const { done, failed, total } = connections
  const { failed: refused, pending, revoked, unsupported } = revocations
  return (
    <Stack component="output" gap={6} aria-live="polite">
      <Group justify="space-between">
        <Text size="sm" fw={600}>
          {state}
        </Text>
        <Text size="sm" c="dimmed">
          {done} of {total} disconnected{failed > 0 && `, ${failed} failed`}
        </Text>
      </Group>
      <Progress
        value={total === 0 ? 100 : (100 * done) / total}
        color={failed > 0 ? "red" : "teal"}
        aria-label="disconnected"
      />
      <Text size="xs" c="dimmed">
        At the providers: {revoked} revoked, {pending} pending, {unsupported} unsupported, {refused} failed
      </Text>
    </Stack>
  )
}
