import { Alert, Grid, Stack } from "@mantine/core"
import { IconFlask } from "@tabler/icons-react"
import { useQuery } from "@tanstack/react-query"
import { hasSandbox } from "../page-facts.ts"
import { SandboxClock } from "../sandbox/sandbox-clock.tsx"
import { SandboxFaults } from "../sandbox/sandbox-faults.tsx"
import { SandboxGrants } from "../sandbox/sandbox-grants.tsx"
import { sandboxQuery } from "../server/sandbox.ts"
import { Loaded } from "../show/loaded.tsx"
import { PageHeading } from "../show/page-heading.tsx"

export function Playground() {
  return (
    <>
      <PageHeading title="Sandbox">
        Every provider, emulated on this machine: what they have granted, their clock, and trouble on demand.
      </PageHeading>
      {hasSandbox ? (
        <Panels />
      ) : (
        <Alert icon={<IconFlask size={18} />} title="The sandbox is off">
          It is there in development only: GRANTRY_SANDBOX=on.
        </Alert>
      )}
    </>
  )
}

function Panels() {
  const state = useQuery(sandboxQuery)
  return (
    <Loaded of={state}>
      {(found) => (
        <Stack>
          <Grid>
            <Grid.Col span={{ base: 12, md: 6 }}>
              <SandboxClock now={found.clock.now} />
            </Grid.Col>
            <Grid.Col span={{ base: 12, md: 6 }}>
              <SandboxFaults services={found.services} faults={found.faults} />
            </Grid.Col>
          </Grid>
          <SandboxGrants grants={found.grants} />
        </Stack>
      )}
    </Loaded>
  )
}
