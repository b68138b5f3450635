import type { DisconnectCovers } from "@grantry/sdk/wire"
import { queryOptions } from "@tanstack/react-query"
import { server } from "./client.ts"

const everyMs = 1_000

/** Looked at again and again until it has ended and every provider has answered. */
export function jobQuery(workspaceId: string, jobId: string) {
  return queryOptions({
    queryKey: ["workspaces", workspaceId, "disconnect-jobs", jobId],
    queryFn: () => server.disconnectJobs.get(workspaceId, jobId),
    refetchInterval: ({ state: { data } }) =>
      data && data.status !== "running" && data.revocations.pending === 0 ? false : everyMs,
  })
}

export const jobsKey = (workspaceId: string) => ["workspaces", workspaceId, "disconnect-jobs"]

export function runningJobsQuery(workspaceId: string) {
  return queryOptions({
    queryKey: [...jobsKey(workspaceId), "running"],
    queryFn: async () => {
      const { disconnect_jobs } = await server.disconnectJobs.list(workspaceId, { limit: 20 })
      return disconnect_jobs.filter(({ status }) => status === "running")
    },
  })
}

export function startJob(workspaceId: string, covers: DisconnectCovers, confirm: string) {
  return server.disconnectJobs.start(workspaceId, { ...covers, confirm })
}

export function closureQuery(secret: string) {
  return queryOptions({
    queryKey: ["closures", secret],
    queryFn: () => server.workspaces.closure(secret),
    refetchInterval: ({ state: { data } }) => (data?.status === "shredded" ? false : everyMs),
  })
}

/** Not among the people's own: it is asked for again only when it is shown, and not of somebody who has just gone. */
export function memberConnectionsQuery(workspaceId: string, memberId: string) {
  return queryOptions({
    queryKey: ["member-connections", workspaceId, memberId],
    queryFn: () => server.members.connections(workspaceId, memberId),
  })
}
