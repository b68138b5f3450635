import type { Webhook } from "@grantry/sdk/wire"
import { Button, Card, Text, Title } from "@mantine/core"
import { useDisclosure } from "@mantine/hooks"
import { useState } from "react"
import { server } from "../server/client.ts"
import { useAct } from "../server/use-act.ts"
import { webhooksKey } from "../server/webhooks.ts"
import { ConfirmDialog } from "../show/confirm-dialog.tsx"
import { SecretOnce } from "../show/secret-once.tsx"

interface WebhookSecretProps {
  readonly webhook: Webhook
  readonly workspaceId: string
}

export function WebhookSecret({ webhook, workspaceId }: WebhookSecretProps) {
  const [isAsked, dialog] = useDisclosure(false)
  const [secret, setSecret] = useState<string>()
  const rotate = useAct({
    act: () => server.webhooks.rotateSecret(workspaceId, webhook.id),
    changes: [webhooksKey(workspaceId)],
  })
  return (
    <Card>
      <Title order={2} mb={4}>
        Signing secret
      </Title>
      <Text size="sm" c="dimmed" mb="md">
        It was shown when the webhook was added. Lost it, or somebody else has it? Make another.
      </Text>
      <Button variant="default" onClick={dialog.open}>
        Rotate the secret
      </Button>
      <ConfirmDialog
        title="A new signing secret?"
        verb="Rotate"
        opened={isAsked}
        onClose={dialog.close}
        isBusy={rotate.isPending}
        error={rotate.error}
        onConfirm={() =>
          rotate.mutate(undefined, {
            onSuccess: (rotated) => {
              dialog.close()
              setSecret(rotated.secret)
            },
          })
        }
      >
        For 24 hours every message is signed with both, so that nothing is refused while you put the new one
        into your backend. Then the old one is over.
      </ConfirmDialog>
      <SecretOnce
        title="New signing secret"
        secret={secret}
        hint="The old one signs too for 24 hours."
        onClose={() => setSecret(undefined)}
      />
    </Card>
  )
}
