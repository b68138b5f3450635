import type { DisconnectCovers } from "@grantry/sdk/wire"
import { Button, Card, Stack, Text, Title } from "@mantine/core"
import { useDisclosure } from "@mantine/hooks"
import { useQuery } from "@tanstack/react-query"
import { useState } from "react"
import { jobsKey, runningJobsQuery, startJob } from "../server/off-boarding.ts"
import { useAct } from "../server/use-act.ts"
import { ConfirmDialog } from "../show/confirm-dialog.tsx"
import { JobProgress } from "./job-progress.tsx"

interface DisconnectEverythingProps {
  readonly workspaceId: string
  /** Nothing: the whole workspace. */
  readonly covers: Pick<DisconnectCovers, "app_id" | "connector_id">
  /** Of what is disconnected; to be typed. */
  readonly name: string
  /** For people: "this app". */
  readonly what: string
}

/** One that was started before, perhaps by a colleague, shows its progress too. */
export function DisconnectEverything({ covers, name, what, workspaceId }: DisconnectEverythingProps) {
  const [isAsked, dialog] = useDisclosure(false)
  const [started, setStarted] = useState<string>()
  const running = useQuery(runningJobsQuery(workspaceId)).data?.find(
    (job) =>
      job.app_id === (covers.app_id ?? null) &&
      job.connector_id === (covers.connector_id ?? null) &&
      job.integration_type === null &&
      job.user_id === null &&
      job.connected_by === null,
  )
  const jobId = started ?? running?.id
  const start = useAct({
    act: () => startJob(workspaceId, covers, name),
    changes: [jobsKey(workspaceId), ["apps"]],
  })
  const onConfirm = () =>
    start.mutate(undefined, {
      onSuccess: ({ id }) => {
        setStarted(id)
        dialog.close()
      },
    })
  return (
    <Card>
      <Title order={2} mb={4}>
        Disconnect everything
      </Title>
      <Stack>
        <Text size="sm" c="dimmed">
          Ends every connection of {what}, shared and its users', and has the providers revoke them.
        </Text>
        {jobId !== undefined && <JobProgress workspaceId={workspaceId} jobId={jobId} />}
        <div>
          <Button color="red" variant="light" onClick={dialog.open}>
            Disconnect everything…
          </Button>
        </div>
      </Stack>
      <ConfirmDialog
        title={`Disconnect everything of ${name}?`}
        verb="Disconnect"
        typed={name}
        opened={isAsked}
        onClose={dialog.close}
        isBusy={start.isPending}
        error={start.error}
        onConfirm={onConfirm}
      >
        Every account has to be connected anew by whoever it belongs to. This cannot be taken back.
      </ConfirmDialog>
    </Card>
  )
}
