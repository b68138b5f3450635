import { queryOptions, useQuery } from "@tanstack/react-query"
import type { Workspace, WorkspaceRole } from "@grantry/sdk/wire"
import { server } from "./client.ts"

export const workspacesQuery = queryOptions({
  queryKey: ["workspaces"],
  queryFn: () => server.workspaces.list(),
  staleTime: 60_000,
})

export const appsQuery = queryOptions({
  queryKey: ["apps"],
  queryFn: () => server.apps.list(),
  staleTime: 30_000,
})

export function appQuery(appId: string) {
  return queryOptions({ queryKey: ["apps", appId], queryFn: () => server.apps.get(appId), staleTime: 30_000 })
}

export function useWorkspace(workspaceId: string | undefined): Workspace | undefined {
  return useQuery(workspacesQuery).data?.find(({ id }) => id === workspaceId)
}

const rank: Readonly<Record<WorkspaceRole, number>> = { viewer: 0, editor: 1, admin: 2, owner: 3 }

/** What the member's role allows; the server decides, the page only leaves out what it would refuse. */
export function useMay(workspaceId: string | undefined, least: WorkspaceRole): boolean {
  const role = useWorkspace(workspaceId)?.user_role
  return role !== undefined && rank[role] >= rank[least]
}

/** The same for the workspace that an app belongs to. */
export function useMayInApp(appId: string, least: WorkspaceRole): boolean {
  const app = useQuery(appsQuery).data?.find(({ id }) => id === appId)
  return useMay(app?.organization_id, least)
}
