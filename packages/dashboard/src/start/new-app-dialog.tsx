import { useNavigate } from "@tanstack/react-router"
import { server } from "../server/client.ts"
import { useAct } from "../server/use-act.ts"
import { NameDialog } from "../show/name-dialog.tsx"

interface NewAppDialogProps {
  readonly workspaceId: string
  readonly opened: boolean
  readonly onClose: () => void
}

export function NewAppDialog({ onClose, opened, workspaceId }: NewAppDialogProps) {
  const navigate = useNavigate()
  const create = useAct({
    act: (name: string) => server.apps.create({ name, organization_id: workspaceId }),
    done: ({ name }) => `${name} is there. Connect its first account.`,
    changes: [["apps"]],
  })
  return (
    <NameDialog
      opened={opened}
      onClose={onClose}
      title="New app"
      hint="The connect page shows it to whoever is asked for an account."
      verb="Create app"
      error={create.error}
      isBusy={create.isPending}
      onName={async (name) => {
        const { id } = await create.mutateAsync(name)
        onClose()
        await navigate({ to: "/apps/$app/integrations", params: { app: id } })
      }}
    />
  )
}
