import { Button, Card, Group, Stack, TextInput, Title } from "@mantine/core"
import { useForm } from "@mantine/form"
import { rename } from "../server/account.ts"
import { useAct } from "../server/use-act.ts"
import { ErrorNotice } from "../show/error-notice.tsx"

export function NameForm({ name }: { readonly name: string }) {
  const form = useForm({
    initialValues: { name },
    validate: { name: (text) => (text.trim() === "" ? "How colleagues see you." : null) },
  })
  const save = useAct({
    act: (text: string) => rename(text.trim()),
    done: () => "Saved.",
    changes: [["session"]],
  })
  return (
    <Card component="form" onSubmit={form.onSubmit((values) => save.mutate(values.name))} noValidate>
      <Title order={2} mb="md">
        Name
      </Title>
      <Stack>
        <TextInput aria-label="Name" maxLength={100} autoComplete="name" {...form.getInputProps("name")} />
        <ErrorNotice error={save.error} />
        <Group justify="flex-end">
          <Button type="submit" variant="default" loading={save.isPending} disabled={!form.isDirty()}>
            Save name
          </Button>
        </Group>
      </Stack>
    </Card>
  )
}
