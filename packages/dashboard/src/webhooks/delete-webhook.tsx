import type { Webhook } from "@grantry/sdk/wire"
import { Button, Card, Text, Title } from "@mantine/core"
import { useDisclosure } from "@mantine/hooks"
import { useNavigate } from "@tanstack/react-router"
import { server } from "../server/client.ts"
import { useAct } from "../server/use-act.ts"
import { webhooksKey } from "../server/webhooks.ts"
import { ConfirmDialog } from "../show/confirm-dialog.tsx"

interface DeleteWebhookProps {
  readonly webhook: Webhook
  readonly workspaceId: string
}

export function DeleteWebhook({ webhook, workspaceId }: DeleteWebhookProps) {
  const [isAsked, dialog] = useDisclosure(false)
  const navigate = useNavigate()
  const remove = useAct({
    act: async () => {
      await server.webhooks.delete(workspaceId, webhook.id)
      await navigate({ to: "/workspaces/$ws/webhooks", params: { ws: workspaceId } })
    },
    done: () => "The webhook and its deliveries are gone.",
    changes: [webhooksKey(workspaceId)],
  })
  return (
    <Card>
      <Title order={2} mb={4}>
        Delete
      </Title>
      <Text size="sm" c="dimmed" mb="md">
        With the list of what was sent, and what still waits.
      </Text>
      <Button color="red" variant="light" onClick={dialog.open}>
        Delete this webhook
      </Button>
      <ConfirmDialog
        title="Delete this webhook?"
        verb="Delete"
        opened={isAsked}
        onClose={dialog.close}
        isBusy={remove.isPending}
        error={remove.error}
        onConfirm={() => remove.mutate(undefined)}
      >
        Nothing more is sent to {webhook.url}. A webhook for the same address would have another secret.
      </ConfirmDialog>
    </Card>
  )
}
