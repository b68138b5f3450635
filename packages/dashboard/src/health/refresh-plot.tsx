import type { RefreshHistory } from "@grantry/sdk/wire"
import { Box, Group, Text } from "@mantine/core"
import type { ReactNode } from "react"
import { asked, judge, type Judged, rateText, successRate } from "./judge-refreshes.ts"

/** From the bottom of a bar to its top. */
export const parts = [
  { name: "worked", label: "worked", color: "var(--mantine-color-teal-6)" },
  { name: "failed", label: "failed, repeated by itself", color: "var(--mantine-color-orange-6)" },
  { name: "ended", label: "grant ended", color: "var(--mantine-color-red-6)" },
] as const

interface RefreshPlotProps {
  readonly history: RefreshHistory
  /** What the plot shows, in a sentence: for those who cannot see it. */
  readonly summary: string
}

export interface Step extends Judged {
  readonly at: Date
}

export function stepsOf({ steps }: RefreshHistory): readonly Step[] {
  return steps.map(({ at, outcomes }) => ({ at: new Date(at), ...judge(outcomes) }))
}

/** A bar per step as high as it has refreshes, above it the share that worked. Drawn by hand: a library weighs more. */
export function RefreshPlot({ history, summary }: RefreshPlotProps) {
  const steps = stepsOf(history)
  const most = Math.max(1, ...steps.map(asked))
  return (
    <Box component="figure" m={0} aria-label={summary}>
      <PlotRow title="Share that worked" top="100 %" bottom="0 %" height={72}>
        <RateLine steps={steps} />
      </PlotRow>
      <PlotRow title="Refreshes" top={most.toLocaleString()} bottom="0" height={120}>
        <Bars steps={steps} most={most} />
      </PlotRow>
      <Group justify="space-between" ml={58} aria-hidden>
        {axis(history).map((text) => (
          <Text key={text} size="xs" c="dimmed">
            {text}
          </Text>
        ))}
      </Group>
    </Box>
  )
}

interface PlotRowProps {
  readonly title: string
  readonly top: string
  readonly bottom: string
  readonly height: number
  readonly children: ReactNode
}

function PlotRow({ bottom, children, height, title, top }: PlotRowProps) {
  return (
    <Box mb="sm" aria-hidden>
      <Text size="xs" c="dimmed" mb={4} ml={58}>
        {title}
      </Text>
      <Group gap={8} wrap="nowrap" align="stretch" h={height}>
        <Group
          w={50}
          gap={0}
          style={{ flexDirection: "column", flex: "none" }}
          justify="space-between"
          align="flex-end"
        >
          <Text size="xs" lh={1} c="dimmed">
            {top}
          </Text>
          <Text size="xs" lh={1} c="dimmed">
            {bottom}
          </Text>
        </Group>
        {children}
      </Group>
    </Box>
  )
}

const frame = {
  width: "100%",
  height: "100%",
  display: "block",
  borderBottom: "1px solid var(--mantine-color-default-border)",
} as const

function Bars({ most, steps }: { readonly steps: readonly Step[]; readonly most: number }) {
  return (
    <svg viewBox={`0 0 ${steps.length} 100`} preserveAspectRatio="none" style={frame}>
      {steps.map((step, index) => {
        let below = 0
        return (
          <g key={step.at.getTime()}>
            <title>{stepText(step)}</title>
            <rect x={index} y={0} width={1} height={100} fill="transparent" />
            {parts.map(({ color, name }) => {
              const height = (100 * step[name]) / most
              below += height
              return (
                height > 0 && (
                  <rect
                    key={name}
                    x={index + 0.1}
                    y={100 - below}
                    width={0.8}
                    height={height}
                    style={{ fill: color }}
                  />
                )
              )
            })}
          </g>
        )
      })}
    </svg>
  )
}

/** Steps without refreshes have no share: the line goes on to the next that has one. */
function RateLine({ steps }: { readonly steps: readonly Step[] }) {
  const points = steps.flatMap((step, index) => {
    const rate = successRate(step)
    return rate === undefined ? [] : [{ x: index + 0.5, y: 100 - rate, step }]
  })
  const line = points.map(({ x, y }) => `${x},${y}`).join(" ")
  return (
    <svg viewBox={`0 -4 ${steps.length} 108`} preserveAspectRatio="none" style={frame}>
      <polyline
        points={line}
        fill="none"
        strokeWidth={1.5}
        vectorEffect="non-scaling-stroke"
        style={{ stroke: "var(--mantine-color-teal-6)" }}
      />
      {points.map(({ step, x, y }) => (
        // A line without length is a dot whose ends are round, however the plot is stretched.
        <path
          key={x}
          d={`M ${x} ${y} h 0`}
          strokeLinecap="round"
          strokeWidth={5}
          vectorEffect="non-scaling-stroke"
          style={{ stroke: `var(--mantine-color-${y === 0 ? "teal" : "orange"}-6)` }}
        >
          <title>{stepText(step)}</title>
        </path>
      ))}
    </svg>
  )
}

const moment = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" })

function stepText(step: Step): string {
  const counts = parts.filter(({ name }) => step[name] > 0).map(({ label, name }) => `${step[name]} ${label}`)
  return `${moment.format(step.at)}: ${counts.length === 0 ? "none" : `${counts.join(", ")} (${rateText(successRate(step))})`}`
}

const clockTime = new Intl.DateTimeFormat(undefined, { timeStyle: "short" })
const dayAndTime = new Intl.DateTimeFormat(undefined, {
  day: "numeric",
  month: "short",
  hour: "2-digit",
  minute: "2-digit",
})

function axis({ since, until }: RefreshHistory): readonly string[] {
  const [first, last] = [Date.parse(since), Date.parse(until)]
  const format = last - first > 86_400_000 ? dayAndTime : clockTime
  const [start, middle] = [first, (first + last) / 2].map((at) => format.format(at))
  return [start ?? "", middle ?? "", "now"]
}
