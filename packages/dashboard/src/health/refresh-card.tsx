import type { RefreshHistory, RefreshHistorySpan } from "@grantry/sdk/wire"
import { Card, ColorSwatch, Group, SegmentedControl, Stack, Text, Title } from "@mantine/core"
import { useQuery } from "@tanstack/react-query"
import { useState } from "react"
import { refreshHistoryQuery } from "../server/health.ts"
import { Loaded } from "../show/loaded.tsx"
import { FailingServices } from "./failing-services.tsx"
import { asked, type Judged, judgeAll, rateText, successRate } from "./judge-refreshes.ts"
import { parts, RefreshPlot } from "./refresh-plot.tsx"
import { RefreshTable } from "./refresh-table.tsx"

const spans: readonly { readonly value: RefreshHistorySpan; readonly label: string }[] = [
  { value: "6h", label: "6 hours" },
  { value: "24h", label: "24 hours" },
  { value: "7d", label: "7 days" },
]

/** How refreshes went over time, and at which providers they fail. */
export function RefreshCard({ workspaceId }: { readonly workspaceId: string }) {
  const [span, setSpan] = useState<RefreshHistorySpan>("24h")
  const history = useQuery(refreshHistoryQuery(workspaceId, span))
  const label = spans.find(({ value }) => value === span)?.label ?? span
  return (
    <Card>
      <Group justify="space-between" mb="xs">
        <Title order={2}>Refreshes</Title>
        <SegmentedControl
          size="xs"
          aria-label="How far back"
          data={[...spans]}
          value={span}
          onChange={(value) => setSpan(spans.find((one) => one.value === value)?.value ?? "24h")}
        />
      </Group>
      <Loaded of={history}>{(found) => <Plotted history={found} label={label} />}</Loaded>
    </Card>
  )
}

function Plotted({ history, label }: { readonly history: RefreshHistory; readonly label: string }) {
  const all = judgeAll(history)
  const rate = rateText(successRate(all))
  return (
    <Stack gap="sm">
      <Group gap="lg" align="baseline">
        <Text fz={28} fw={650} lh={1.2}>
          {rate}
        </Text>
        <Text size="sm" c="dimmed">
          {shareText(all)} in the last {label}.
        </Text>
      </Group>
      <Group gap="md">
        {parts.map((part) => (
          <Group key={part.name} gap={6}>
            <ColorSwatch size={10} withShadow={false} color={part.color} />
            <Text size="xs">{part.label}</Text>
          </Group>
        ))}
      </Group>
      <RefreshPlot
        history={history}
        summary={`Refreshes in the last ${label}: ${all.worked} worked, ${all.failed} failed, ${all.ended} found the grant ended; ${rate} worked. The same in numbers follows.`}
      />
      <RefreshTable history={history} />
      <FailingServices history={history} />
    </Stack>
  )
}

/** What the share is one of. */
function shareText(judged: Judged): string {
  const counted = judged.worked + judged.failed
  if (asked(judged) === 0) return "No provider was asked for a new token"
  const gone = judged.ended.toLocaleString()
  if (counted === 0)
    return `${gone} ${judged.ended === 1 ? "call" : "calls"} for a new token found the grant ended`
  const ended = judged.ended === 0 ? "" : `; ${gone} more found the grant ended`
  return `of ${counted.toLocaleString()} ${counted === 1 ? "call" : "calls"} for a new token worked${ended}`
}
