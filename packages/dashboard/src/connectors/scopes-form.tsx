import type { Connector, ConnectorTypeInfo } from "@grantry/sdk/wire"
import { Button, Card, Group, Stack, Text, Title } from "@mantine/core"
import { useState } from "react"
import { server } from "../server/client.ts"
import { connectorsKey } from "../server/connectors.ts"
import { useAct } from "../server/use-act.ts"
import { ConfigFields, type ConfigValues, givenValues } from "../show/config-fields.tsx"
import { ErrorNotice } from "../show/error-notice.tsx"
import { ScopePicker } from "../show/scope-picker.tsx"

interface ScopesFormProps {
  readonly connector: Connector
  readonly type: ConnectorTypeInfo
  readonly workspaceId: string
  readonly mayWrite: boolean
}

export function ScopesForm({ connector, mayWrite, type, workspaceId }: ScopesFormProps) {
  const [scopes, setScopes] = useState<readonly string[]>(connector.scopes)
  const [config, setConfig] = useState<ConfigValues>(connector.connection_config ?? {})
  const save = useAct({
    act: () =>
      server.connectors.update(workspaceId, connector.id, { scopes, connection_config: givenValues(config) }),
    done: ({ reconnect_required: count = 0 }) =>
      count === 0
        ? "Saved."
        : `Saved. ${count} connections lack some of these until somebody connects again.`,
    changes: [connectorsKey(workspaceId)],
  })
  return (
    <Card>
      <Title order={2} mb={4}>
        Permissions
      </Title>
      <Text size="sm" c="dimmed" mb="md">
        Asked for in every new consent. What was granted before stays as it is.
      </Text>
      <Stack>
        <ScopePicker type={type} value={scopes} onChange={setScopes} disabled={!mayWrite} />
        <ConfigFields
          fields={type.connection_config_fields}
          values={config}
          onChange={setConfig}
          disabled={!mayWrite}
        />
        <ErrorNotice error={save.error} />
        {mayWrite && (
          <Group justify="flex-end">
            <Button loading={save.isPending} onClick={() => save.mutate(undefined)}>
              Save
            </Button>
          </Group>
        )}
      </Stack>
    </Card>
  )
}
