import type { Connector } from "@grantry/sdk/wire"
import { Button, Card, Text, Title } from "@mantine/core"
import { useDisclosure } from "@mantine/hooks"
import { useNavigate } from "@tanstack/react-router"
import { server } from "../server/client.ts"
import { connectorsKey } from "../server/connectors.ts"
import { useAct } from "../server/use-act.ts"
import { ConfirmDialog } from "../show/confirm-dialog.tsx"

interface DeleteConnectorProps {
  readonly connector: Connector
  readonly workspaceId: string
}

export function DeleteConnector({ connector, workspaceId }: DeleteConnectorProps) {
  const [isAsked, dialog] = useDisclosure(false)
  const navigate = useNavigate()
  const remove = useAct({
    act: async () => {
      await server.connectors.delete(workspaceId, connector.id)
      await navigate({ to: "/workspaces/$ws/connectors", params: { ws: workspaceId } })
    },
    done: () => `${connector.name} and its connections are gone.`,
    changes: [connectorsKey(workspaceId), ["apps"]],
  })
  return (
    <Card>
      <Title order={2} mb={4}>
        Delete
      </Title>
      <Text size="sm" c="dimmed" mb="md">
        Revokes and destroys every connection made with this connector.
      </Text>
      <Button color="red" variant="light" onClick={dialog.open}>
        Delete this connector
      </Button>
      <ConfirmDialog
        title={`Delete ${connector.name}?`}
        verb="Delete"
        typed={connector.name}
        opened={isAsked}
        onClose={dialog.close}
        isBusy={remove.isPending}
        error={remove.error}
        onConfirm={() => remove.mutate(undefined)}
      >
        Every account that was connected with it, shared ones and those of app users, is disconnected for
        good. This cannot be taken back.
      </ConfirmDialog>
    </Card>
  )
}
