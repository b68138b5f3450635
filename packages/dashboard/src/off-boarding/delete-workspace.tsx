import type { Workspace } from "@grantry/sdk/wire"
import { Button, Card, Stack, Text, Title } from "@mantine/core"
import { useDisclosure } from "@mantine/hooks"
import { useState } from "react"
import { server } from "../server/client.ts"
import { useAct } from "../server/use-act.ts"
import { ConfirmDialog } from "../show/confirm-dialog.tsx"
import { ClosureProgress } from "./closure-progress.tsx"

export function DeleteWorkspace({ workspace }: { readonly workspace: Workspace }) {
  const [isAsked, dialog] = useDisclosure(false)
  const [secret, setSecret] = useState<string>()
  const remove = useAct({
    act: () => server.workspaces.delete(workspace.id, { confirm: workspace.name }),
    changes: [["apps"]],
  })
  const onConfirm = () =>
    remove.mutate(undefined, {
      onSuccess: (started) => {
        setSecret(started.secret)
        dialog.close()
      },
    })
  return (
    <Card>
      <Title order={2} mb={4}>
        Delete
      </Title>
      <Stack>
        <Text size="sm" c="dimmed">
          Disconnects and revokes everything, then destroys the workspace with the keys that its secrets are
          sealed with.
        </Text>
        {secret === undefined ? (
          <div>
            <Button color="red" variant="light" onClick={dialog.open}>
              Delete workspace…
            </Button>
          </div>
        ) : (
          <ClosureProgress secret={secret} />
        )}
      </Stack>
      <ConfirmDialog
        title={`Delete ${workspace.name}?`}
        verb="Delete"
        typed={workspace.name}
        opened={isAsked}
        onClose={dialog.close}
        isBusy={remove.isPending}
        error={remove.error}
        onConfirm={onConfirm}
      >
        No token is handed out from that moment on, and nobody can enter the workspace any more. This cannot
        be taken back.
      </ConfirmDialog>
    </Card>
  )
}
