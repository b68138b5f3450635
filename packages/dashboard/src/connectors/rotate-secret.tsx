import type { Connector } from "@grantry/sdk/wire"
import { Button, Card, Group, PasswordInput, Stack, Text, TextInput, Title } from "@mantine/core"
import { useForm } from "@mantine/form"
import { server } from "../server/client.ts"
import { connectorsKey } from "../server/connectors.ts"
import { useAct } from "../server/use-act.ts"
import { ErrorNotice } from "../show/error-notice.tsx"

interface RotateSecretProps {
  readonly connector: Connector
  readonly workspaceId: string
}

/** The new secret goes in, the old one never comes out; connections stay. */
export function RotateSecret({ connector, workspaceId }: RotateSecretProps) {
  const form = useForm({
    initialValues: { clientId: connector.client_id ?? "", secret: "" },
    validate: { secret: (secret) => (secret.trim() === "" ? "Paste the new secret." : null) },
  })
  const rotate = useAct({
    act: ({ clientId, secret }: { clientId: string; secret: string }) =>
      server.connectors.update(workspaceId, connector.id, {
        client_id: clientId.trim(),
        client_secret: secret.trim(),
      }),
    done: () => "The new secret is in use. Every connection goes on with it.",
    changes: [connectorsKey(workspaceId)],
  })
  return (
    <Card
      component="form"
      onSubmit={form.onSubmit((values) => rotate.mutate(values, { onSuccess: form.reset }))}
    >
      <Title order={2} mb={4}>
        OAuth client
      </Title>
      <Text size="sm" c="dimmed" mb="md">
        Rotating the secret keeps every connection.
      </Text>
      <Stack>
        <TextInput
          label="Client ID"
          autoComplete="off"
          spellCheck={false}
          {...form.getInputProps("clientId")}
        />
        <PasswordInput
          label="New client secret"
          autoComplete="new-password"
          {...form.getInputProps("secret")}
        />
        <ErrorNotice error={rotate.error} />
        <Group justify="flex-end">
          <Button type="submit" variant="default" loading={rotate.isPending}>
            Rotate
          </Button>
        </Group>
      </Stack>
    </Card>
  )
}
