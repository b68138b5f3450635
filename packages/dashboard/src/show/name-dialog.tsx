import { Button, Group, Modal, Stack, TextInput } from "@mantine/core"
import { useForm } from "@mantine/form"
import { ErrorNotice } from "./error-notice.tsx"

interface NameDialogProps {
  readonly title: string
  readonly hint: string
  readonly verb: string
  readonly opened: boolean
  readonly onClose: () => void
  /** May reject: the error is shown from `error`. */
  readonly onName: (name: string) => Promise<unknown>
  readonly isBusy: boolean
  readonly error: Error | null
}

/** Asks for one name. */
export function NameDialog({ error, hint, isBusy, onClose, onName, opened, title, verb }: NameDialogProps) {
  const form = useForm({
    initialValues: { name: "" },
    validate: { name: (name) => (name.trim() === "" ? "Give it a name." : null) },
  })
  const submit = form.onSubmit(({ name }) => {
    onName(name.trim()).then(form.reset, () => undefined)
  })
  return (
    <Modal opened={opened} onClose={onClose} title={title}>
      <form onSubmit={submit} noValidate>
        <Stack>
          <TextInput
            label="Name"
            description={hint}
            maxLength={100}
            data-autofocus
            autoComplete="off"
            {...form.getInputProps("name")}
          />
          <ErrorNotice error={error} />
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              Cancel
            </Button>
            <Button type="submit" loading={isBusy}>
              {verb}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  )
}
