import type { KeysApi } from "@grantry/sdk/members"
import type { KeySummary } from "@grantry/sdk/wire"
import { Button, Code, EmptyState, Table, Text } from "@mantine/core"
import { IconKey } from "@tabler/icons-react"
import type { QueryKey } from "@tanstack/react-query"
import { useState } from "react"
import { useAct } from "../server/use-act.ts"
import { ConfirmDialog } from "../show/confirm-dialog.tsx"
import { Moment } from "../show/moment.tsx"

interface KeyListProps {
  readonly keys: readonly KeySummary[]
  readonly api: KeysApi
  /** The app's or the workspace's id. */
  readonly ownerId: string
  readonly queryKey: QueryKey
  readonly mayRevoke: boolean
  readonly emptyText: string
}

export function KeyList({ api, emptyText, keys, mayRevoke, ownerId, queryKey }: KeyListProps) {
  const [asked, ask] = useState<KeySummary>()
  const revoke = useAct({
    act: (key: KeySummary) => api.revoke(ownerId, key.id),
    done: (_, key) => `${key.name} is revoked: it is refused from now on.`,
    changes: [queryKey],
  })
  if (keys.length === 0)
    return <EmptyState icon={<IconKey size={28} />} title="No key yet" description={emptyText} />
  return (
    <>
      <Table.ScrollContainer minWidth={560}>
        <Table verticalSpacing="sm">
          <Table.Thead>
            <Table.Tr>
              <Table.Th>Name</Table.Th>
              <Table.Th>Begins with</Table.Th>
              <Table.Th>Made</Table.Th>
              <Table.Th>Last used</Table.Th>
              {mayRevoke && <Table.Th aria-label="Actions" />}
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {keys.map((key) => (
              <Table.Tr key={key.id}>
                <Table.Td fw={600}>{key.name}</Table.Td>
                <Table.Td>
                  <Code>{key.prefix}…</Code>
                </Table.Td>
                <Table.Td>
                  <Moment at={key.created_at} />
                </Table.Td>
                <Table.Td>
                  {key.last_used_at === null ? (
                    <Text size="sm" c="dimmed">
                      never
                    </Text>
                  ) : (
                    <Moment at={key.last_used_at} />
                  )}
                </Table.Td>
                {mayRevoke && (
                  <Table.Td ta="right">
                    <Button
                      variant="subtle"
                      color="red"
                      size="compact-sm"
                      onClick={() => ask(key)}
                      aria-label={`Revoke ${key.name}`}
                    >
                      Revoke
                    </Button>
                  </Table.Td>
                )}
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
      <ConfirmDialog
        title={`Revoke ${asked?.name ?? ""}?`}
        verb="Revoke"
        opened={asked !== undefined}
        onClose={() => ask(undefined)}
        isBusy={revoke.isPending}
        error={revoke.error}
        onConfirm={() => asked && revoke.mutate(asked, { onSuccess: () => ask(undefined) })}
      >
        Whatever uses this key is refused at once. This cannot be taken back.
      </ConfirmDialog>
    </>
  )
}
