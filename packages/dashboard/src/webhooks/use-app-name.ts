import { useQuery } from "@tanstack/react-query"
import { appsQuery } from "../server/workspaces.ts"

/** Whose events an endpoint hears, in words. */
export function useAppName(): (appId: string | null) => string {
  const apps = useQuery(appsQuery).data
  return (appId) =>
    appId === null ? "every app of the workspace" : (apps?.find(({ id }) => id === appId)?.name ?? appId)
}
