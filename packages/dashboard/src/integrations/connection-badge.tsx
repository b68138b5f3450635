import { Badge } from "@mantine/core"
import type { ConnectionSummary } from "@grantry/sdk/wire"

/** Trouble at a provider is no status of its own: such a connection is still connected. */
export function ConnectionBadge({ connection }: { readonly connection: ConnectionSummary | undefined }) {
  const [color, text] = look(connection)
  return (
    <Badge color={color} variant="light" style={{ flex: "none" }}>
      {text}
    </Badge>
  )
}

function look(connection: ConnectionSummary | undefined): readonly [color: string, text: string] {
  if (!connection) return ["gray", "Not connected"]
  if (connection.status === "disconnected") return ["gray", "Disconnected"]
  if (connection.status === "expired") return ["red", "Reconnect"]
  if (connection.last_refresh_error !== null) return ["orange", "Trouble"]
  return connection.missing_scopes.length > 0 ? ["yellow", "Partly granted"] : ["teal", "Connected"]
}
