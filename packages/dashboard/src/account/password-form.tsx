import { Button, Card, Group, PasswordInput, Stack, Text, Title } from "@mantine/core"
import { useForm } from "@mantine/form"
import { changePassword } from "../server/account.ts"
import { useAct } from "../server/use-act.ts"
import { ErrorNotice } from "../show/error-notice.tsx"

export function PasswordForm() {
  const form = useForm({
    initialValues: { current: "", next: "" },
    validate: {
      current: (text) => (text === "" ? "The one you sign in with now." : null),
      next: (text) => (text === "" ? "The new one." : null),
    },
  })
  const change = useAct({
    act: ({ current, next }: typeof form.values) => changePassword(current, next),
    done: () => "Your password is changed. Every other sign-in of yours has ended.",
    changes: [["session"]],
  })
  return (
    <Card
      component="form"
      noValidate
      onSubmit={form.onSubmit((values) => change.mutate(values, { onSuccess: form.reset }))}
    >
      <Title order={2} mb={4}>
        Password
      </Title>
      <Text size="sm" c="dimmed" mb="md">
        Changing it ends every other sign-in of yours.
      </Text>
      <Stack>
        <PasswordInput
          label="Current password"
          autoComplete="current-password"
          {...form.getInputProps("current")}
        />
        <PasswordInput label="New password" autoComplete="new-password" {...form.getInputProps("next")} />
        <ErrorNotice error={change.error} />
        <Group justify="flex-end">
          <Button type="submit" variant="default" loading={change.isPending}>
            Change password
          </Button>
        </Group>
      </Stack>
    </Card>
  )
}
