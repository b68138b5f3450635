import { Button, Group } from "@mantine/core"
import { useQuery, useQueryClient } from "@tanstack/react-query"
import { useNavigate } from "@tanstack/react-router"
import { closureQuery } from "../server/off-boarding.ts"
import { workspacesQuery } from "../server/workspaces.ts"
import { EndProgress } from "./end-progress.tsx"

/** Who leaves the page leaves the secret: the rest goes on without anybody looking. */
export function ClosureProgress({ secret }: { readonly secret: string }) {
  const closure = useQuery(closureQuery(secret)).data
  const client = useQueryClient()
  const navigate = useNavigate()
  const leave = async () => {
    // First: with the old list the way home would lead to the workspace that is gone.
    await client.invalidateQueries({ queryKey: workspacesQuery.queryKey, exact: true })
    await navigate({ to: "/" })
  }
  if (!closure) return null
  const state = closure.status === "shredded" ? "Gone, and its keys are destroyed" : "Closed; being destroyed"
  return (
    <>
      <EndProgress state={state} connections={closure.connections} revocations={closure.revocations} />
      <Group>
        <Button variant="default" onClick={() => void leave()}>
          To your other workspaces
        </Button>
      </Group>
    </>
  )
}
