import type { WorkspaceRole } from "@grantry/sdk/wire"
import { Button, Group, Modal, NativeSelect, Stack, TextInput } from "@mantine/core"
import { useForm } from "@mantine/form"
import { useState } from "react"
import { server } from "../server/client.ts"
import { peopleKey } from "../server/people.ts"
import { useAct } from "../server/use-act.ts"
import { ErrorNotice } from "../show/error-notice.tsx"
import { SecretOnce } from "../show/secret-once.tsx"
import { roles } from "./roles.ts"

interface InviteDialogProps {
  readonly workspaceId: string
  readonly opened: boolean
  readonly onClose: () => void
}

export function InviteDialog({ onClose, opened, workspaceId }: InviteDialogProps) {
  const [link, setLink] = useState<string>()
  const form = useForm({
    initialValues: { email: "", role: "editor" as WorkspaceRole },
    validate: { email: (email) => (/^\S+@\S+$/.test(email.trim()) ? null : "An e-mail address.") },
  })
  const send = useAct({
    act: ({ email, role }: typeof form.values) =>
      server.members.invite(workspaceId, { email: email.trim(), role }),
    changes: [peopleKey(workspaceId)],
  })
  const submit = form.onSubmit((values) =>
    send.mutate(values, {
      onSuccess: (invited) => {
        form.reset()
        onClose()
        setLink(invited.link)
      },
    }),
  )
  return (
    <>
      <Modal opened={opened} onClose={onClose} title="Invite to this workspace">
        <form onSubmit={submit} noValidate>
          <Stack>
            <TextInput
              type="email"
              label="E-mail address"
              description="They sign in with this address."
              data-autofocus
              {...form.getInputProps("email")}
            />
            <NativeSelect label="Role" data={[...roles]} {...form.getInputProps("role")} />
            <ErrorNotice error={send.error} />
            <Group justify="flex-end">
              <Button variant="default" onClick={onClose}>
                Cancel
              </Button>
              <Button type="submit" loading={send.isPending}>
                Make an invitation link
              </Button>
            </Group>
          </Stack>
        </form>
      </Modal>
      <SecretOnce
        title="Invitation link"
        secret={link}
        hint="Send it to the person yourself. It works once, for this address only."
        onClose={() => setLink(undefined)}
      />
    </>
  )
}
