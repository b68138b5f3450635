import { Badge, Button, Card, Group, NumberInput, Select, Stack, Text, Title } from "@mantine/core"
import { useQuery } from "@tanstack/react-query"
import { useState } from "react"
import { connectorTypesQuery, nameOfType } from "../server/connector-types.ts"
import { control, type SandboxFault } from "../server/sandbox.ts"
import { useAct } from "../server/use-act.ts"
import { ErrorNotice } from "../show/error-notice.tsx"

const faults = [
  { value: "invalid_grant", label: "The grant is dead" },
  { value: "refresh_reuse", label: "The refresh token was used before" },
  { value: "5xx_then_ok", label: "A server error, then fine" },
  { value: "slow", label: "A slow answer" },
  { value: "hang", label: "No answer at all" },
  { value: "rate_limited", label: "Too many requests" },
  { value: "garbage", label: "Nonsense instead of JSON" },
  { value: "html_error", label: "An HTML page instead of JSON" },
  { value: "wrong_client", label: "The client is not known" },
  { value: "partial_scopes", label: "Fewer scopes than asked for" },
  { value: "same_token_on_refresh", label: "The same token again" },
  { value: "no_refresh_token", label: "No refresh token" },
]

interface SandboxFaultsProps {
  readonly services: readonly string[]
  readonly faults: readonly SandboxFault[]
}

export function SandboxFaults({ faults: waiting, services }: SandboxFaultsProps) {
  const types = useQuery(connectorTypesQuery).data
  const [type, setType] = useState<string | null>(services[0] ?? null)
  const [fault, setFault] = useState<string | null>("invalid_grant")
  const [times, setTimes] = useState<string | number>(1)
  const add = useAct({
    act: () => control("faults", { type, fault, times: Number(times) }),
    done: () => "It meets the next request.",
    changes: [["sandbox"]],
  })
  return (
    <Card h="100%">
      <Title order={2} mb={4}>
        Trouble
      </Title>
      <Text size="sm" c="dimmed" mb="md">
        What a provider answers to the next requests for tokens.
      </Text>
      <Stack gap="sm">
        <Select
          label="Provider"
          searchable
          allowDeselect={false}
          data={services.map((value) => ({ value, label: nameOfType(types, value) }))}
          value={type}
          onChange={setType}
        />
        <Group grow align="flex-end">
          <Select label="Trouble" allowDeselect={false} data={faults} value={fault} onChange={setFault} />
          <NumberInput label="Times" min={1} max={1000} value={times} onChange={setTimes} />
        </Group>
        <ErrorNotice error={add.error} />
        <Group justify="space-between">
          <Group gap={6}>
            {waiting.map((one, index) => (
              <Badge key={`${one.type}-${index}`} color="orange" variant="light" tt="none">
                {one.type}: {one.fault} × {one.times ?? "∞"}
              </Badge>
            ))}
          </Group>
          <Button loading={add.isPending} onClick={() => add.mutate(undefined)}>
            Cause it
          </Button>
        </Group>
      </Stack>
    </Card>
  )
}
