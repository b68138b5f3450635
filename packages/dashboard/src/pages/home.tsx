import { useQuery } from "@tanstack/react-query"
import { Navigate } from "@tanstack/react-router"
import { workspacesQuery } from "../server/workspaces.ts"
import { usePlace } from "../shell/use-place.ts"
import { Loaded } from "../show/loaded.tsx"

/** The workspace that was looked at last. */
export function Home() {
  const { workspace } = usePlace()
  const workspaces = useQuery(workspacesQuery)
  return (
    <Loaded of={workspaces}>
      {() => (workspace ? <Navigate to="/workspaces/$ws" params={{ ws: workspace.id }} replace /> : null)}
    </Loaded>
  )
}
