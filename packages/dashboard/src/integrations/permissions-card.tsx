import type { ConnectionDetails, ConnectorTypeInfo } from "@grantry/sdk/wire"
import { Badge, Card, Divider, Group, Text, Title } from "@mantine/core"
import { isConnected } from "../server/connections.ts"
import { useMayInApp } from "../server/workspaces.ts"
import { ConfigFields } from "../show/config-fields.tsx"
import { ScopePicker } from "../show/scope-picker.tsx"
import type { ConnectForm } from "./use-connect-form.ts"

interface PermissionsCardProps {
  readonly appId: string
  readonly type: ConnectorTypeInfo
  readonly connection: ConnectionDetails | undefined
  readonly form: ConnectForm
}

export function PermissionsCard({ appId, connection, form, type }: PermissionsCardProps) {
  const mayChange = useMayInApp(appId, "editor")
  const fields = type.connection_config_fields
  return (
    <Card h="100%">
      <Group justify="space-between" mb="xs">
        <Title order={2}>Permissions</Title>
        {isConnected(connection) && <Badge variant="default">{grantedText(connection)}</Badge>}
      </Group>
      <Text size="sm" c="dimmed" mb="md">
        What this app asks of {type.display_name}. The person who connects sees the same words.
      </Text>
      <ScopePicker
        type={type}
        value={form.scopes}
        onChange={form.setScopes}
        disabled={!mayChange}
        missing={connection?.missing_scopes ?? []}
      />
      {isConnected(connection) && <GrantedBesides connection={connection} />}
      {fields.length > 0 && mayChange && (
        <>
          <Divider my="md" />
          <ConfigFields fields={fields} values={form.config} onChange={form.setConfig} />
        </>
      )}
    </Card>
  )
}

/** What the provider granted although nobody asked: it belongs to what this app can do. */
function GrantedBesides({ connection }: { readonly connection: ConnectionDetails }) {
  const { requested_scopes: requested, scopes } = connection
  const besides = scopes.filter((scope) => !requested.includes(scope))
  if (besides.length === 0) return null
  return (
    <Text size="sm" c="dimmed" mt="sm">
      Granted besides: {besides.join(", ")}
    </Text>
  )
}

function grantedText({ missing_scopes: missing, requested_scopes: requested }: ConnectionDetails): string {
  return `${requested.length - missing.length} of ${requested.length} granted`
}
