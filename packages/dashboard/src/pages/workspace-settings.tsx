import { Stack } from "@mantine/core"
import { useQuery } from "@tanstack/react-query"
import { useParams } from "@tanstack/react-router"
import { DeleteWorkspace } from "../off-boarding/delete-workspace.tsx"
import { DisconnectEverything } from "../off-boarding/disconnect-everything.tsx"
import { useMay, workspacesQuery } from "../server/workspaces.ts"
import { Loaded } from "../show/loaded.tsx"
import { PageHeading } from "../show/page-heading.tsx"

export function WorkspaceSettings() {
  const { ws } = useParams({ from: "/workspaces/$ws/settings" })
  const workspaces = useQuery(workspacesQuery)
  const mayDisconnect = useMay(ws, "admin")
  const mayDelete = useMay(ws, "owner")
  return (
    <>
      <PageHeading title="Settings">How everything in this workspace ends.</PageHeading>
      <Loaded of={workspaces}>
        {(all) => {
          const workspace = all.find(({ id }) => id === ws)
          if (!workspace) return null
          return (
            <Stack>
              {mayDisconnect && (
                <DisconnectEverything
                  workspaceId={ws}
                  covers={{}}
                  name={workspace.name}
                  what="every app in this workspace"
                />
              )}
              {mayDelete && <DeleteWorkspace workspace={workspace} />}
            </Stack>
          )
        }}
      </Loaded>
    </>
  )
}
