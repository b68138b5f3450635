import { Button, Group, Modal, Stack, Text, TextInput } from "@mantine/core"
import { useForm } from "@mantine/form"
import {
  type PreparedSecondFactor,
  secondFactorChanges,
  turnOnSecondFactor,
} from "../server/sign-in-methods.ts"
import { useAct } from "../server/use-act.ts"
import { CopyText } from "../show/copy-text.tsx"
import { ErrorNotice } from "../show/error-notice.tsx"
import { QrCode } from "../show/qr-code.tsx"

interface ScanDialogProps {
  /** undefined: nothing is being set up. */
  readonly prepared: PreparedSecondFactor | undefined
  readonly onClose: () => void
  readonly onDone: (backupCodes: readonly string[]) => void
}

/** The secret goes into the app, and a code of it shows that it has arrived. */
export function ScanDialog({ onClose, onDone, prepared }: ScanDialogProps) {
  return (
    <Modal
      opened={prepared !== undefined}
      onClose={onClose}
      title="Set up your authenticator app"
      closeOnClickOutside={false}
    >
      {prepared && <Scan prepared={prepared} onClose={onClose} onDone={onDone} />}
    </Modal>
  )
}

type ScanProps = Omit<ScanDialogProps, "prepared"> & { readonly prepared: PreparedSecondFactor }

function Scan({ onClose, onDone, prepared }: ScanProps) {
  const form = useForm({
    initialValues: { code: "" },
    validate: {
      code: (text) => (/^\s*(\d\s*){6}$/.test(text) ? null : "The six digits that the app shows now."),
    },
  })
  const turnOn = useAct({
    // Before the page learns that it is on: what asks for the codes is gone then.
    act: async (code: string) => {
      await turnOnSecondFactor(code)
      onDone(prepared.backupCodes)
    },
    done: () => "The second factor is on.",
    changes: secondFactorChanges,
  })
  const submit = form.onSubmit(({ code }) => turnOn.mutate(code.replaceAll(/\s/g, "")))
  return (
    <form onSubmit={submit} noValidate>
      <Stack>
        <Text size="sm">Scan this with an authenticator app, or type the secret into it.</Text>
        <Group justify="center">
          <QrCode text={prepared.totpURI} label="QR code with the secret below" />
        </Group>
        <CopyText text={secretOf(prepared)} label="secret" />
        <TextInput
          label="Code"
          description="Six digits, as the app shows them now"
          inputMode="numeric"
          autoComplete="one-time-code"
          maxLength={12}
          data-autofocus
          {...form.getInputProps("code")}
        />
        <ErrorNotice error={turnOn.error} />
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" loading={turnOn.isPending}>
            Turn on
          </Button>
        </Group>
      </Stack>
    </form>
  )
}

function secretOf({ totpURI }: PreparedSecondFactor): string {
  return new URL(totpURI).searchParams.get("secret") ?? ""
}
