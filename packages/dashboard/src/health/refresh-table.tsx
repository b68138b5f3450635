import type { RefreshHistory } from "@grantry/sdk/wire"
import { Button, Collapse, Table, Text } from "@mantine/core"
import { useDisclosure } from "@mantine/hooks"
import { asked, rateText, successRate } from "./judge-refreshes.ts"
import { stepsOf } from "./refresh-plot.tsx"

const moment = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" })

/** The plot in numbers, newest first; steps without a refresh are left out. */
export function RefreshTable({ history }: { readonly history: RefreshHistory }) {
  const [isOpen, table] = useDisclosure(false)
  const steps = stepsOf(history)
    .filter((step) => asked(step) > 0)
    .toReversed()
  return (
    <>
      <Button
        variant="subtle"
        size="compact-sm"
        onClick={table.toggle}
        aria-expanded={isOpen}
        style={{ alignSelf: "flex-start" }}
      >
        {isOpen ? "Hide the numbers" : "The same in numbers"}
      </Button>
      <Collapse expanded={isOpen}>
        {steps.length === 0 ? (
          <Text size="sm" c="dimmed">
            No refresh in this time.
          </Text>
        ) : (
          <Table.ScrollContainer minWidth={460} maxHeight={320}>
            <Table stickyHeader>
              <Table.Caption>Refreshes by time</Table.Caption>
              <Table.Thead>
                <Table.Tr>
                  <Table.Th>From</Table.Th>
                  <Table.Th ta="right">Worked</Table.Th>
                  <Table.Th ta="right">Failed</Table.Th>
                  <Table.Th ta="right">Grant ended</Table.Th>
                  <Table.Th ta="right">Share that worked</Table.Th>
                </Table.Tr>
              </Table.Thead>
              <Table.Tbody>
                {steps.map((step) => (
                  <Table.Tr key={step.at.getTime()}>
                    <Table.Td>{moment.format(step.at)}</Table.Td>
                    <Table.Td ta="right">{step.worked.toLocaleString()}</Table.Td>
                    <Table.Td ta="right">{step.failed.toLocaleString()}</Table.Td>
                    <Table.Td ta="right">{step.ended.toLocaleString()}</Table.Td>
                    <Table.Td ta="right">{rateText(successRate(step))}</Table.Td>
                  </Table.Tr>
                ))}
              </Table.Tbody>
            </Table>
          </Table.ScrollContainer>
        )}
      </Collapse>
    </>
  )
}
