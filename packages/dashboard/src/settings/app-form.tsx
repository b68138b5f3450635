import type { App, ConnectCompletion } from "@grantry/sdk/wire"
import { Button, Card, Group, Radio, Stack, Switch, TextInput, Title } from "@mantine/core"
import { useForm } from "@mantine/form"
import { server } from "../server/client.ts"
import { useAct } from "../server/use-act.ts"
import { ErrorNotice } from "../show/error-notice.tsx"

interface AppFormProps {
  readonly app: App
  readonly mayEdit: boolean
}

export function AppForm({ app, mayEdit }: AppFormProps) {
  const form = useForm({
    initialValues: {
      name: app.name,
      upstream: app.functions_upstream ?? "",
      functions: app.backend_functions_enabled,
      completion: app.connect_completion as string,
    },
    validate: { name: (name) => (name.trim() === "" ? "Give it a name." : null) },
  })
  const save = useAct({
    act: (values: typeof form.values) =>
      server.apps.update(app.id, {
        name: values.name.trim(),
        functions_upstream: values.upstream.trim() === "" ? null : values.upstream.trim(),
        backend_functions_enabled: values.functions,
        connect_completion: values.completion as ConnectCompletion,
      }),
    done: () => "Saved.",
    changes: [["apps"]],
  })
  return (
    <Card component="form" onSubmit={form.onSubmit((values) => save.mutate(values))} noValidate>
      <Title order={2} mb="md">
        The app
      </Title>
      <Stack>
        <TextInput label="Name" maxLength={100} disabled={!mayEdit} {...form.getInputProps("name")} />
        <TextInput
          label="Backend functions run at"
          description="Calls to /api/apps/…/functions/… are forwarded there, with a short-lived service token. Empty: nowhere."
          placeholder="http://127.0.0.1:9999"
          disabled={!mayEdit}
          spellCheck={false}
          {...form.getInputProps("upstream")}
        />
        <Switch
          label="Backend functions are on"
          disabled={!mayEdit}
          {...form.getInputProps("functions", { type: "checkbox" })}
        />
        <Radio.Group label="An app user's consent is complete" {...form.getInputProps("completion")}>
          <Stack gap="xs" mt="xs">
            <Radio
              value="confirm"
              label="with the click on the connect page"
              description="Works with every client."
              disabled={!mayEdit}
            />
            <Radio
              value="verified"
              label="when the app's page confirms it with the same user's token"
              description="The only cure for somebody completing a link that another person sent. The Grantry SDK does it by itself."
              disabled={!mayEdit}
            />
          </Stack>
        </Radio.Group>
        <ErrorNotice error={save.error} />
        {mayEdit && (
          <Group justify="flex-end">
            <Button type="submit" loading={save.isPending} disabled={!form.isDirty()}>
              Save
            </Button>
          </Group>
        )}
      </Stack>
    </Card>
  )
}
