import { Button, Group, Modal, Stack, TextInput } from "@mantine/core"
import { type ReactNode, useState } from "react"
import { ErrorNotice } from "./error-notice.tsx"

interface ConfirmDialogProps {
  readonly title: string
  /** What will happen, in full. */
  readonly children: ReactNode
  readonly verb: string
  /** To be typed before the button works: for what cannot be taken back. */
  readonly typed?: string
  readonly opened: boolean
  readonly onClose: () => void
  readonly onConfirm: () => void
  readonly isBusy: boolean
  readonly error: Error | null
}

export function ConfirmDialog(props: ConfirmDialogProps) {
  const { children, error, isBusy, onClose, onConfirm, opened, title, typed, verb } = props
  const [given, setGiven] = useState("")
  return (
    <Modal opened={opened} onClose={onClose} title={title} onExitTransitionEnd={() => setGiven("")}>
      <Stack>
        {children}
        {typed !== undefined && (
          <TextInput
            label={`Type ${typed} to confirm`}
            value={given}
            onChange={(event) => setGiven(event.currentTarget.value)}
            autoComplete="off"
            data-autofocus
          />
        )}
        <ErrorNotice error={error} />
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button
            color="red"
            loading={isBusy}
            disabled={typed !== undefined && given.trim() !== typed}
            onClick={onConfirm}
          >
            {verb}
          </Button>
        </Group>
      </Stack>
    </Modal>
  )
}
