import { ActionIcon, Code, CopyButton, Group, Tooltip } from "@mantine/core"
import { IconCheck, IconCopy } from "@tabler/icons-react"

interface CopyTextProps {
  readonly text: string
  /** What it is, for those who hear the button. */
  readonly label: string
}

export function CopyText({ label, text }: CopyTextProps) {
  return (
    <Group gap={4} wrap="nowrap" maw="100%">
      <Code fz="sm" style={{ wordBreak: "break-all" }}>
        {text}
      </Code>
      <CopyIcon label={label} text={text} />
    </Group>
  )
}

export function CopyIcon({ label, text }: CopyTextProps) {
  return (
    <CopyButton value={text} timeout={1500}>
      {({ copied, copy }) => (
        <Tooltip label={copied ? "Copied" : "Copy"}>
          <ActionIcon
            variant="subtle"
            color={copied ? "teal" : "gray"}
            onClick={copy}
            aria-label={copied ? `${label} copied` : `Copy ${label}`}
          >
            {copied ? <IconCheck size={16} /> : <IconCopy size={16} />}
          </ActionIcon>
        </Tooltip>
      )}
    </CopyButton>
  )
}
