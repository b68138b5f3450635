import { Text, type TextProps, Tooltip } from "@mantine/core"

const steps = [
  ["year", 31_536_000],
  ["month", 2_592_000],
  ["day", 86_400],
  ["hour", 3_600],
  ["minute", 60],
] as const

const relative = new Intl.RelativeTimeFormat(undefined, { numeric: "auto" })
const full = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "medium" })
const day = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "short" })

/** "3 hours ago", with the exact time one hover or focus away. */
export function Moment({ at, ...text }: TextProps & { readonly at: string }) {
  const date = new Date(at)
  return (
    <Tooltip label={full.format(date)}>
      <Text component="time" dateTime={at} tabIndex={0} size="sm" {...text}>
        {sinceOrUntil(date)}
      </Text>
    </Tooltip>
  )
}

export function dayOf(at: string): string {
  return day.format(new Date(at))
}

function sinceOrUntil(date: Date): string {
  const seconds = Math.round((date.getTime() - Date.now()) / 1000)
  const [unit, size] = steps.find(([, length]) => Math.abs(seconds) >= length) ?? ["second", 1]
  return relative.format(Math.trunc(seconds / size), unit)
}
