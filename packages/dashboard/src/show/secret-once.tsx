import { Alert, Button, Modal, Stack, Text } from "@mantine/core"
import { IconKey } from "@tabler/icons-react"
import { Snippet } from "./snippet.tsx"

interface SecretOnceProps {
  readonly title: string
  /** undefined: nothing to show. */
  readonly secret: string | undefined
  readonly hint: string
  readonly onClose: () => void
}

/** A key right after it was made. Closing it forgets it: the server keeps only a hash. */
export function SecretOnce({ hint, onClose, secret, title }: SecretOnceProps) {
  return (
    <Modal
      opened={secret !== undefined}
      onClose={onClose}
      title={title}
      closeOnClickOutside={false}
      closeOnEscape={false}
      withCloseButton={false}
      size="lg"
    >
      <Stack>
        <Alert color="yellow" icon={<IconKey size={18} />}>
          Copy it now: it is not shown again, and nobody can look it up.
        </Alert>
        <Snippet code={secret ?? ""} label={title} />
        <Text size="sm" c="dimmed">
          {hint}
        </Text>
        <Button onClick={onClose}>I have copied it</Button>
      </Stack>
    </Modal>
  )
}
