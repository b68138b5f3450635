import { useLocalStorage } from "@mantine/hooks"
import { useEffect } from "react"
import { lastAppKey, lastWorkspaceKey, usePlace } from "./use-place.ts"

/** So that the next visit begins where this one ended. */
export function useRememberedPlace(): void {
  const { app, workspace } = usePlace()
  const [, rememberWorkspace] = useLocalStorage({ key: lastWorkspaceKey, defaultValue: "" })
  const [, rememberApp] = useLocalStorage({ key: lastAppKey, defaultValue: "" })
  useEffect(() => {
    if (workspace) rememberWorkspace(workspace.id)
  }, [workspace, rememberWorkspace])
  useEffect(() => {
    if (app) rememberApp(app.id)
  }, [app, rememberApp])
}
