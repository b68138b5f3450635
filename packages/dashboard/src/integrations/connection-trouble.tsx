import { Alert, Text } from "@mantine/core"
import { IconAlertTriangle, IconInfoCircle } from "@tabler/icons-react"
import type { ConnectionDetails } from "@grantry/sdk/wire"
import { dayOf } from "../show/moment.tsx"

interface ConnectionTroubleProps {
  readonly connection: ConnectionDetails | undefined
  readonly service: string
}

/** What is wrong, since when, in the provider's own words, and what to do. */
export function ConnectionTrouble({ connection, service }: ConnectionTroubleProps) {
  if (!connection || connection.status === "disconnected") return null
  const { missing_scopes: missing, status, trouble } = connection
  if (status === "expired") {
    const since = dayOf(trouble?.at ?? connection.status_since)
    return (
      <Alert color="red" icon={<IconAlertTriangle size={18} />} title="Somebody has to connect it again">
        {service} refused the refresh token on {since}
        {trouble ? `: ${reasonOf(trouble)}` : ""}. Reconnect brings it back; the connection keeps its id.
      </Alert>
    )
  }
  if (trouble) {
    return (
      <Alert color="orange" icon={<IconAlertTriangle size={18} />} title="The last refresh failed">
        On {dayOf(trouble.at)}: {reasonOf(trouble)}. It is tried again by itself; nobody has to reconnect.
      </Alert>
    )
  }
  if (missing.length === 0) return null
  return (
    <Alert color="yellow" icon={<IconInfoCircle size={18} />} title="Some permissions were not granted">
      <Text size="sm">
        Asked for, but unticked at {service}: {missing.join(", ")}. Reconnect asks for them again.
      </Text>
    </Alert>
  )
}

type Trouble = NonNullable<ConnectionDetails["trouble"]>

/** The provider's code and its words, the code once. */
function reasonOf({ code, message }: Trouble): string {
  const reason = message.includes(code) ? message : `${code}: ${message}`
  return reason.replace(/\.$/, "")
}
