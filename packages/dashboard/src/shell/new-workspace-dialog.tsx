import { useNavigate } from "@tanstack/react-router"
import { NameDialog } from "../show/name-dialog.tsx"
import { server } from "../server/client.ts"
import { useAct } from "../server/use-act.ts"

export function NewWorkspaceDialog(dialog: { readonly opened: boolean; readonly onClose: () => void }) {
  const navigate = useNavigate()
  const create = useAct({
    act: (name: string) => server.workspaces.create({ name }),
    done: ({ name }) => `Workspace ${name} is there.`,
    changes: [["workspaces"], ["session"]],
  })
  return (
    <NameDialog
      {...dialog}
      title="New workspace"
      hint="A workspace has its own apps, connectors and members."
      verb="Create workspace"
      error={create.error}
      isBusy={create.isPending}
      onName={async (name) => {
        const { id } = await create.mutateAsync(name)
        dialog.onClose()
        await navigate({ to: "/workspaces/$ws", params: { ws: id } })
      }}
    />
  )
}
