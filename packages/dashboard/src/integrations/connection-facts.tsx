import type { ConnectionDetails, ConnectorTypeInfo } from "@grantry/sdk/wire"
import { Card, DataList, Group, Text, Title } from "@mantine/core"
import { useQuery } from "@tanstack/react-query"
import type { ReactNode } from "react"
import { isConnected } from "../server/connections.ts"
import { redirectUrisQuery } from "../server/redirect-uris.ts"
import { CopyText } from "../show/copy-text.tsx"
import { Moment } from "../show/moment.tsx"

interface ConnectionFactsProps {
  readonly appId: string
  readonly type: ConnectorTypeInfo
  readonly connection: ConnectionDetails | undefined
  readonly badge: ReactNode
}

export function ConnectionFacts({ appId, badge, connection, type }: ConnectionFactsProps) {
  const client = useQuery(redirectUrisQuery(appId)).data?.find(
    (one) => one.integration_type === type.integration_type,
  )
  const facts = [
    ...(isConnected(connection) ? factsOf(connection) : []),
    [
      "OAuth client",
      client ? clientNames[client.credential_source] : "none yet: register one under Connectors",
    ],
    [
      "Refreshes",
      type.refreshable ? "by itself, before the token dies" : "not offered: people connect again",
    ],
    [
      "Revocation",
      type.revocable ? "at the provider, when it is disconnected" : "not offered by the provider",
    ],
  ] as const
  return (
    <Card h="100%">
      <Group justify="space-between" mb="md">
        <Title order={2}>Connection</Title>
        {badge}
      </Group>
      <DataList labelWidth={110}>
        {facts.map(([label, value]) => (
          <DataList.Item key={label}>
            <DataList.ItemLabel>{label}</DataList.ItemLabel>
            <DataList.ItemValue>{value}</DataList.ItemValue>
          </DataList.Item>
        ))}
      </DataList>
    </Card>
  )
}

const clientNames = {
  byo: "this workspace's own",
  operator: "the operator's",
  sandbox: "the built-in sandbox: test accounts only",
} as const

function factsOf(connection: ConnectionDetails): readonly (readonly [label: string, value: ReactNode])[] {
  const {
    connected_by: by,
    expires_at: expires,
    last_refreshed_at: refreshed,
    refresh_due_at: due,
  } = connection
  return [
    [
      "Account",
      <Text key="account" fw={600} size="sm">
        {connection.account?.label ?? "not named by the provider"}
      </Text>,
    ],
    ["Connected by", by ?? "a member who has left"],
    ["Since", <Moment key="since" at={connection.status_since} />],
    ["Last refreshed", refreshed === null ? "not yet" : <Moment key="refreshed" at={refreshed} />],
    ["Next refresh", due === null ? "none planned" : <Moment key="due" at={due} />],
    ["Token until", expires === null ? "the provider names no time" : <Moment key="until" at={expires} />],
    ["Id", <CopyText key="id" text={connection.id} label="connection id" />],
  ]
}
