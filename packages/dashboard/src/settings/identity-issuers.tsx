import type { IdentityIssuer } from "@grantry/sdk/wire"
import { Button, Card, Group, Stack, Table, Text, Title } from "@mantine/core"
import { useDisclosure } from "@mantine/hooks"
import { IconPlus } from "@tabler/icons-react"
import { useQuery } from "@tanstack/react-query"
import { useState } from "react"
import { issuersKey, issuersQuery, removeIssuer } from "../server/app-settings.ts"
import { useAct } from "../server/use-act.ts"
import { ConfirmDialog } from "../show/confirm-dialog.tsx"
import { ErrorNotice } from "../show/error-notice.tsx"
import { NewIssuerDialog } from "./new-issuer-dialog.tsx"

interface IdentityIssuersProps {
  readonly appId: string
  readonly mayEdit: boolean
}

/** Whose tokens say who the app's users are. */
export function IdentityIssuers({ appId, mayEdit }: IdentityIssuersProps) {
  const issuers = useQuery(issuersQuery(appId))
  const [isNew, dialog] = useDisclosure(false)
  const [asked, ask] = useState<IdentityIssuer>()
  const remove = useAct({
    act: (issuer: IdentityIssuer) => removeIssuer(appId, issuer.id),
    done: (_, { issuer }) => `${issuer} is trusted no longer.`,
    changes: [issuersKey(appId)],
  })
  return (
    <Card>
      <Group justify="space-between" mb={4}>
        <Title order={2}>Identity issuers</Title>
        {mayEdit && (
          <Button variant="default" size="xs" leftSection={<IconPlus size={14} />} onClick={dialog.open}>
            Trust an issuer
          </Button>
        )}
      </Group>
      <Text size="sm" c="dimmed" mb="md">
        Whose signed tokens say who this app's users are. Grantry's own, made with a service key, are always
        taken.
      </Text>
      <Stack>
        <ErrorNotice error={issuers.error} />
        {issuers.data && issuers.data.length > 0 && (
          <Issuers issuers={issuers.data} onRemove={mayEdit ? ask : undefined} />
        )}
      </Stack>
      <NewIssuerDialog appId={appId} opened={isNew} onClose={dialog.close} />
      <ConfirmDialog
        title="Trust this issuer no longer?"
        verb="Remove"
        opened={asked !== undefined}
        onClose={() => ask(undefined)}
        isBusy={remove.isPending}
        error={remove.error}
        onConfirm={() => asked && remove.mutate(asked, { onSuccess: () => ask(undefined) })}
      >
        Users with tokens of {asked?.issuer} are refused at once. Their connections stay.
      </ConfirmDialog>
    </Card>
  )
}

interface IssuersProps {
  readonly issuers: readonly IdentityIssuer[]
  readonly onRemove: ((issuer: IdentityIssuer) => void) | undefined
}

function Issuers({ issuers, onRemove }: IssuersProps) {
  return (
    <Table.ScrollContainer minWidth={480}>
      <Table>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Issuer</Table.Th>
            <Table.Th>Audience</Table.Th>
            <Table.Th>Keys</Table.Th>
            {onRemove && <Table.Th aria-label="Actions" />}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {issuers.map((issuer) => (
            <Table.Tr key={issuer.id}>
              <Table.Td>{issuer.issuer}</Table.Td>
              <Table.Td>{issuer.audience}</Table.Td>
              <Table.Td>{issuer.jwks_url ?? `${issuer.jwks?.keys.length ?? 0} pinned`}</Table.Td>
              {onRemove && (
                <Table.Td ta="right">
                  <Button variant="subtle" color="red" size="compact-sm" onClick={() => onRemove(issuer)}>
                    Remove
                  </Button>
                </Table.Td>
              )}
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  )
}
