import type { App, Workspace } from "@grantry/sdk/wire"
import { readLocalStorageValue } from "@mantine/hooks"
import { useQuery } from "@tanstack/react-query"
import { useParams } from "@tanstack/react-router"
import { appsQuery, workspacesQuery } from "../server/workspaces.ts"

export const lastWorkspaceKey = "grantry-workspace"
export const lastAppKey = "grantry-app"

export interface Place {
  readonly workspace: Workspace | undefined
  /** The app of the page, else the one of this workspace that was looked at last. */
  readonly app: App | undefined
}

/** Where the address leads: an app and its workspace, a workspace, or the one that was looked at last. */
export function usePlace(): Place {
  const params = useParams({ strict: false })
  const apps = useQuery(appsQuery).data ?? []
  const workspaces = useQuery(workspacesQuery).data
  const named = apps.find(({ id }) => id === params.app)
  const workspaceId = params.ws ?? named?.organization_id ?? remembered(lastWorkspaceKey)
  const workspace = workspaces?.find(({ id }) => id === workspaceId) ?? workspaces?.[0]
  const own = apps.filter((one) => one.organization_id === workspace?.id)
  return { workspace, app: named ?? own.find(({ id }) => id === remembered(lastAppKey)) ?? own[0] }
}

function remembered(key: string): string | undefined {
  return readLocalStorageValue<string | undefined>({ key, defaultValue: undefined })
}
