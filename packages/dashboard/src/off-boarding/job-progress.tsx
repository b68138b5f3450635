import type { DisconnectJob } from "@grantry/sdk/wire"
import { useQuery } from "@tanstack/react-query"
import { jobQuery } from "../server/off-boarding.ts"
import { EndProgress } from "./end-progress.tsx"

interface JobProgressProps {
  readonly workspaceId: string
  readonly jobId: string
}

const states: Readonly<Record<DisconnectJob["status"], string>> = {
  running: "Disconnecting",
  done: "Disconnected",
  cancelled: "Cancelled",
}

export function JobProgress({ jobId, workspaceId }: JobProgressProps) {
  const job = useQuery(jobQuery(workspaceId, jobId)).data
  if (!job) return null
  return (
    <EndProgress state={states[job.status]} connections={job.connections} revocations={job.revocations} />
  )
}
