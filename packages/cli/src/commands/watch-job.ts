/** Shows what is being disconnected, and waits for it where that is asked for. */
import type { MembersClient } from "@grantry/sdk/members"
import type { DisconnectJob, RevocationSums } from "@grantry/sdk/wire"
import type { Context } from "../context.ts"
import { waitFor } from "../terminal/wait.ts"

const everyMs = 500
const forMs = 24 * 3_600_000

export interface Watched {
  readonly workspaceId: string
  readonly job: DisconnectJob
  readonly watch: boolean
}

/** @returns the job as it was seen last */
export async function followJob(
  context: Context,
  { disconnectJobs }: Pick<MembersClient, "disconnectJobs">,
  { job, watch, workspaceId }: Watched,
): Promise<DisconnectJob> {
  const { output, streams } = context
  let seen = job
  if (watch) {
    const look = async () => {
      seen = await disconnectJobs.get(workspaceId, job.id)
      return seen.status === "running" ? undefined : seen
    }
    const text = `Disconnecting ${job.connections.total} connections`
    await waitFor(streams, output.interactive, { text, look, everyMs, forMs, canSkip: true })
  }
  output.line(describe(seen))
  if (seen.status === "running") output.note(`The server goes on by itself; ${job.id} is the job.`)
  if (seen.connections.failed > 0) context.fail()
  return seen
}

function describe({ connections, revocations, status }: DisconnectJob): string {
  const { done, failed, total } = connections
  const more = failed > 0 ? `, ${failed} failed` : ""
  return `${status}: ${done} of ${total} connections disconnected${more}; ${receiptsOf(revocations)}.`
}

export function receiptsOf({ failed, pending, revoked, unsupported }: RevocationSums): string {
  return `at the providers ${revoked} revoked, ${pending} pending, ${unsupported} unsupported, ${failed} failed`
}
