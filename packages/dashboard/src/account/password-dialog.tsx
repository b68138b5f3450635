import { Button, Group, Modal, PasswordInput, Stack, Text } from "@mantine/core"
import { useForm } from "@mantine/form"
import { ErrorNotice } from "../show/error-notice.tsx"

interface PasswordDialogProps {
  readonly title: string
  readonly hint: string
  readonly verb: string
  readonly color?: string
  readonly opened: boolean
  readonly onClose: () => void
  readonly onPassword: (password: string) => void
  readonly isBusy: boolean
  readonly error: Error | null
}

/** Asks for the password again: whoever found an open session must not get any further with it. */
export function PasswordDialog(props: PasswordDialogProps) {
  const { error, hint, isBusy, onClose, onPassword, opened, title, verb } = props
  const form = useForm({
    initialValues: { password: "" },
    validate: { password: (text) => (text === "" ? "The one you sign in with." : null) },
  })
  return (
    <Modal opened={opened} onClose={onClose} title={title} onExitTransitionEnd={form.reset}>
      <form onSubmit={form.onSubmit(({ password }) => onPassword(password))} noValidate>
        <Stack>
          <Text size="sm">{hint}</Text>
          <PasswordInput
            label="Your password"
            autoComplete="current-password"
            data-autofocus
            {...form.getInputProps("password")}
          />
          <ErrorNotice error={error} />
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              Cancel
            </Button>
            <Button type="submit" loading={isBusy} {...(props.color !== undefined && { color: props.color })}>
              {verb}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  )
}
