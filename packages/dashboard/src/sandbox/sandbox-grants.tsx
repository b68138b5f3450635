import { Badge, Button, Card, Group, Table, Text, Title } from "@mantine/core"
import { useQuery } from "@tanstack/react-query"
import { connectorTypesQuery, nameOfType } from "../server/connector-types.ts"
import { control, type SandboxGrant, type SandboxToken } from "../server/sandbox.ts"
import { useAct } from "../server/use-act.ts"
import { ErrorNotice } from "../show/error-notice.tsx"
import { Moment } from "../show/moment.tsx"

/** The newest; a demonstration rarely has more. */
const shown = 50

const colors = { live: "teal", expired: "gray", revoked: "red", used: "gray" } as const

export function SandboxGrants({ grants }: { readonly grants: readonly SandboxGrant[] }) {
  const types = useQuery(connectorTypesQuery).data
  const revoke = useAct({
    act: ({ account, type }: SandboxGrant) => control("revoke", { type, account }),
    done: () => "Taken back at the provider. The next refresh finds out.",
    changes: [["sandbox"]],
  })
  return (
    <Card>
      <Title order={2} mb={4}>
        Grants
      </Title>
      <Text size="sm" c="dimmed" mb="md">
        What the emulated providers have given out. Take one back, as its owner would in the provider's
        settings.
      </Text>
      <ErrorNotice error={revoke.error} />
      {grants.length === 0 ? (
        <Text size="sm">None yet: connect an account.</Text>
      ) : (
        <Table.ScrollContainer minWidth={620}>
          <Table verticalSpacing="sm">
            <Table.Thead>
              <Table.Tr>
                <Table.Th>Provider</Table.Th>
                <Table.Th>Account</Table.Th>
                <Table.Th>Since</Table.Th>
                <Table.Th>Tokens</Table.Th>
                <Table.Th aria-label="Actions" />
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {grants
                .slice(-shown)
                .reverse()
                .map((grant) => (
                  <Table.Tr key={grant.id}>
                    <Table.Td fw={600}>{nameOfType(types, grant.type)}</Table.Td>
                    <Table.Td>{grant.account}</Table.Td>
                    <Table.Td>
                      <Moment at={grant.created_at} />
                    </Table.Td>
                    <Table.Td>
                      <Tokens tokens={grant.tokens} />
                    </Table.Td>
                    <Table.Td ta="right">
                      {grant.status === "live" && (
                        <Button
                          size="compact-sm"
                          variant="subtle"
                          color="red"
                          onClick={() => revoke.mutate(grant)}
                          aria-label={`Take back ${grant.type} of ${grant.account}`}
                        >
                          Take back
                        </Button>
                      )}
                    </Table.Td>
                  </Table.Tr>
                ))}
            </Table.Tbody>
          </Table>
        </Table.ScrollContainer>
      )}
    </Card>
  )
}

function Tokens({ tokens }: { readonly tokens: readonly SandboxToken[] }) {
  return (
    <Group gap={6}>
      {tokens.slice(-4).map(({ kind, status, token }) => (
        <Badge key={token} color={colors[status]} variant="light" tt="none">
          {kind} {status}
        </Badge>
      ))}
    </Group>
  )
}
