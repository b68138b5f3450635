import type { App } from "@grantry/sdk/wire"
import { Button, Card, Text, Title } from "@mantine/core"
import { useDisclosure } from "@mantine/hooks"
import { useNavigate } from "@tanstack/react-router"
import { server } from "../server/client.ts"
import { useAct } from "../server/use-act.ts"
import { ConfirmDialog } from "../show/confirm-dialog.tsx"

export function DeleteApp({ app }: { readonly app: App }) {
  const [isAsked, dialog] = useDisclosure(false)
  const navigate = useNavigate()
  const remove = useAct({
    act: async () => {
      await server.apps.delete(app.id)
      await navigate({ to: "/workspaces/$ws", params: { ws: app.organization_id } })
    },
    done: () => `${app.name} is deleted, and everything in it disconnected.`,
    changes: [["apps"]],
  })
  return (
    <Card>
      <Title order={2} mb={4}>
        Delete
      </Title>
      <Text size="sm" c="dimmed" mb="md">
        Disconnects every account, shared and its users', and revokes its keys.
      </Text>
      <Button color="red" variant="light" onClick={dialog.open}>
        Delete this app
      </Button>
      <ConfirmDialog
        title={`Delete ${app.name}?`}
        verb="Delete"
        typed={app.name}
        opened={isAsked}
        onClose={dialog.close}
        isBusy={remove.isPending}
        error={remove.error}
        onConfirm={() => remove.mutate(undefined)}
      >
        Its code is refused at once and every grant is revoked. This cannot be taken back.
      </ConfirmDialog>
    </Card>
  )
}
