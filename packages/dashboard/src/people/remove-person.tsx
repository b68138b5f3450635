import type { WorkspaceMember } from "@grantry/sdk/wire"
import { Checkbox, List, Text } from "@mantine/core"
import { useQuery } from "@tanstack/react-query"
import { useState } from "react"
import { server } from "../server/client.ts"
import { memberConnectionsQuery } from "../server/off-boarding.ts"
import { peopleKey } from "../server/people.ts"
import { useAct } from "../server/use-act.ts"
import { appsQuery } from "../server/workspaces.ts"
import { ConfirmDialog } from "../show/confirm-dialog.tsx"

interface RemovePersonProps {
  readonly workspaceId: string
  /** undefined: nobody is asked about. */
  readonly person: WorkspaceMember | undefined
  readonly onClose: () => void
}

/** Asks, and shows what would be left behind. */
export function RemovePerson({ onClose, person, workspaceId }: RemovePersonProps) {
  const [disconnects, setDisconnects] = useState(false)
  const isMember = person?.status === "active"
  const theirs = useQuery({
    ...memberConnectionsQuery(workspaceId, person?.id ?? ""),
    enabled: isMember,
  }).data
  const remove = useAct({
    act: ({ id }: WorkspaceMember) =>
      server.members.remove(workspaceId, id, disconnects ? { disconnect: "true" } : {}),
    done: (_, { email, status }) =>
      status === "invited" ? `${email} is no longer invited.` : `${email} is removed.`,
    changes: [peopleKey(workspaceId), ["workspaces"]],
  })
  const close = () => {
    setDisconnects(false)
    onClose()
  }
  return (
    <ConfirmDialog
      title={`Remove ${person?.email ?? ""}?`}
      verb="Remove"
      opened={person !== undefined}
      onClose={close}
      isBusy={remove.isPending}
      error={remove.error}
      onConfirm={() => person && remove.mutate(person, { onSuccess: close })}
    >
      {isMember
        ? "They lose this workspace at once, are signed out, and their API keys for it are refused. Consents that they have begun come to nothing."
        : "The invitation's link stops working."}
      {isMember && theirs !== undefined && theirs.length > 0 && (
        <>
          <Connected connections={theirs} />
          <Checkbox
            label="Disconnect these too"
            checked={disconnects}
            onChange={(event) => setDisconnects(event.currentTarget.checked)}
          />
        </>
      )}
    </ConfirmDialog>
  )
}

const shown = 10

function Connected({
  connections,
}: {
  readonly connections: readonly {
    readonly id: string
    readonly app_id: string
    readonly display_name: string
  }[]
}) {
  const apps = useQuery(appsQuery).data
  return (
    <>
      <Text size="sm">They connected for the workspace, and this goes on working:</Text>
      <List size="sm">
        {connections.slice(0, shown).map(({ app_id, display_name, id }) => (
          <List.Item key={id}>
            {display_name} of {apps?.find((app) => app.id === app_id)?.name ?? app_id}
          </List.Item>
        ))}
      </List>
      {connections.length > shown && <Text size="sm">and {connections.length - shown} more</Text>}
    </>
  )
}
