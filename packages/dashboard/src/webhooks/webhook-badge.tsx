import type { Webhook } from "@grantry/sdk/wire"
import { Badge } from "@mantine/core"

export function WebhookBadge({ webhook }: { readonly webhook: Webhook }) {
  const [color, text] = look(webhook)
  return (
    <Badge color={color} variant="light" style={{ flex: "none" }}>
      {text}
    </Badge>
  )
}

function look({ failing_since: failing, status }: Webhook): readonly [color: string, text: string] {
  if (status === "disabled") return ["red", "Off"]
  return failing === null ? ["teal", "On"] : ["orange", "Failing"]
}
