import { Avatar, type MantineSize } from "@mantine/core"

const colors = [
  "grantry",
  "cyan",
  "teal",
  "green",
  "lime",
  "orange",
  "red",
  "pink",
  "grape",
  "violet",
] as const

interface MonogramProps {
  /** What the colour comes from: it stays when the name changes. */
  readonly of: string
  readonly name: string
  readonly size?: MantineSize
}

/** Two letters of a name on a colour of its own; decoration, the name stands beside it. */
export function Monogram({ name, of, size = "md" }: MonogramProps) {
  const sum = Array.from(of).reduce((total, letter) => (total * 31 + (letter.codePointAt(0) ?? 0)) % 9973, 7)
  return (
    <Avatar aria-hidden color={colors[sum % colors.length] ?? "gray"} radius="md" size={size} variant="light">
      {initials(name)}
    </Avatar>
  )
}

function initials(name: string): string {
  const words = name.split(/[^\p{L}\p{N}]+/u).filter((word) => word !== "")
  const [first = "?", second] = words
  return (second === undefined ? first.slice(0, 2) : `${first.charAt(0)}${second.charAt(0)}`).toUpperCase()
}
