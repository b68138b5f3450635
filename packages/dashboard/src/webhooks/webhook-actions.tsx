import type { Webhook } from "@grantry/sdk/wire"
import { Alert, Button, Group, Stack } from "@mantine/core"
import { useDisclosure } from "@mantine/hooks"
import { IconCircleCheck, IconCircleX } from "@tabler/icons-react"
import { server } from "../server/client.ts"
import { useAct } from "../server/use-act.ts"
import { deliveryText, webhooksKey } from "../server/webhooks.ts"
import { ConfirmDialog } from "../show/confirm-dialog.tsx"
import { ErrorNotice } from "../show/error-notice.tsx"

interface WebhookActionsProps {
  readonly webhook: Webhook
  readonly workspaceId: string
}

export function WebhookActions({ webhook, workspaceId }: WebhookActionsProps) {
  const changes = [webhooksKey(workspaceId)]
  const test = useAct({ act: () => server.webhooks.test(workspaceId, webhook.id), changes })
  const enable = useAct({
    act: () => server.webhooks.enable(workspaceId, webhook.id),
    done: () => "It is on: events are sent from now on.",
    changes,
  })
  return (
    <Stack gap="xs" align="flex-end">
      <Group gap="xs">
        <Button variant="default" loading={test.isPending} onClick={() => test.mutate(undefined)}>
          Send a test event
        </Button>
        {webhook.status === "disabled" ? (
          <Button loading={enable.isPending} onClick={() => enable.mutate(undefined)}>
            Switch on
          </Button>
        ) : (
          <SwitchOff webhook={webhook} workspaceId={workspaceId} />
        )}
      </Group>
      <ErrorNotice error={test.error ?? enable.error} />
      <div aria-live="polite">
        {test.data && !test.isPending && (
          <Alert
            py={6}
            color={test.data.outcome === "delivered" ? "teal" : "red"}
            icon={
              test.data.outcome === "delivered" ? <IconCircleCheck size={18} /> : <IconCircleX size={18} />
            }
          >
            {deliveryText(test.data)}
          </Alert>
        )}
      </div>
    </Stack>
  )
}

function SwitchOff({ webhook, workspaceId }: WebhookActionsProps) {
  const [isAsked, dialog] = useDisclosure(false)
  const disable = useAct({
    act: () => server.webhooks.disable(workspaceId, webhook.id),
    done: () => "It is off: nothing is sent there.",
    changes: [webhooksKey(workspaceId)],
  })
  return (
    <>
      <Button variant="light" color="red" onClick={dialog.open}>
        Switch off
      </Button>
      <ConfirmDialog
        title="Switch it off?"
        verb="Switch off"
        opened={isAsked}
        onClose={dialog.close}
        isBusy={disable.isPending}
        error={disable.error}
        onConfirm={() => disable.mutate(undefined, { onSuccess: dialog.close })}
      >
        Nothing is sent there until somebody switches it on, and what waits for it has failed. What happens
        meanwhile is not kept for later.
      </ConfirmDialog>
    </>
  )
}
