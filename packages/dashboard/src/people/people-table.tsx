import type { WorkspaceMember, WorkspaceRole } from "@grantry/sdk/wire"
import { Avatar, Badge, Button, Group, NativeSelect, Stack, Table, Text } from "@mantine/core"
import { useState } from "react"
import { server } from "../server/client.ts"
import { peopleKey } from "../server/people.ts"
import { useAct } from "../server/use-act.ts"
import { ErrorNotice } from "../show/error-notice.tsx"
import { Moment } from "../show/moment.tsx"
import { RemovePerson } from "./remove-person.tsx"
import { roles } from "./roles.ts"

interface PeopleTableProps {
  readonly workspaceId: string
  readonly people: readonly WorkspaceMember[]
  readonly mayChange: boolean
}

export function PeopleTable({ mayChange, people, workspaceId }: PeopleTableProps) {
  const [asked, ask] = useState<WorkspaceMember>()
  const changes = [peopleKey(workspaceId), ["workspaces"]]
  const change = useAct({
    act: ({ id, role }: { id: string; role: WorkspaceRole }) =>
      server.members.changeRole(workspaceId, id, { role }),
    done: ({ email, role }) => `${email} is ${role} now.`,
    changes,
  })
  return (
    <Stack>
      <ErrorNotice error={change.error} />
      <Table.ScrollContainer minWidth={520}>
        <Table verticalSpacing="sm">
          <Table.Thead>
            <Table.Tr>
              <Table.Th>Who</Table.Th>
              <Table.Th>Role</Table.Th>
              {mayChange && <Table.Th aria-label="Actions" />}
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {people.map((person) => (
              <Table.Tr key={person.id}>
                <Table.Td>
                  <Who person={person} />
                </Table.Td>
                <Table.Td>
                  {mayChange && person.status === "active" ? (
                    <NativeSelect
                      w={120}
                      aria-label={`Role of ${person.email}`}
                      data={[...roles]}
                      value={person.role}
                      onChange={(event) =>
                        change.mutate({ id: person.id, role: event.currentTarget.value as WorkspaceRole })
                      }
                    />
                  ) : (
                    person.role
                  )}
                </Table.Td>
                {mayChange && (
                  <Table.Td ta="right">
                    <Button
                      variant="subtle"
                      color="red"
                      size="compact-sm"
                      onClick={() => ask(person)}
                      aria-label={`Remove ${person.email}`}
                    >
                      Remove
                    </Button>
                  </Table.Td>
                )}
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
      <RemovePerson workspaceId={workspaceId} person={asked} onClose={() => ask(undefined)} />
    </Stack>
  )
}

function Who({ person }: { readonly person: WorkspaceMember }) {
  return (
    <Group gap="sm" wrap="nowrap">
      <Avatar color="grantry" radius="xl" size="md" aria-hidden>
        {person.email.slice(0, 1).toUpperCase()}
      </Avatar>
      <div>
        <Text size="sm" fw={600}>
          {person.name ?? person.email}
        </Text>
        {person.name !== null && (
          <Text size="xs" c="dimmed">
            {person.email}
          </Text>
        )}
        {person.second_factor === true && (
          <Badge size="xs" color="teal" variant="light">
            second factor
          </Badge>
        )}
        {person.status === "invited" && (
          <Group gap={6}>
            <Badge size="xs" color="yellow" variant="light">
              invited
            </Badge>
            {person.expires_at !== null && (
              <Text size="xs" c="dimmed">
                ends <Moment at={person.expires_at} size="xs" />
              </Text>
            )}
          </Group>
        )}
      </div>
    </Group>
  )
}
