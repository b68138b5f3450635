import type { CheckStep } from "@grantry/sdk/wire"
import { Button, Loader, Modal, Stack, Text, ThemeIcon, Timeline } from "@mantine/core"
import { useDisclosure } from "@mantine/hooks"
import { IconCheck, IconMinus, IconX } from "@tabler/icons-react"
import { server } from "../server/client.ts"
import { connectionsKey } from "../server/connections.ts"
import { useAct } from "../server/use-act.ts"
import { ErrorNotice } from "../show/error-notice.tsx"

interface CheckButtonProps {
  readonly appId: string
  readonly type: string
}

/** "Try it": a real call with the token, a refresh, and another call. */
export function CheckButton({ appId, type }: CheckButtonProps) {
  const [isOpen, dialog] = useDisclosure(false)
  const check = useAct({
    act: () => server.sharedConnections.check(appId, type),
    changes: [connectionsKey(appId)],
  })
  const run = () => {
    dialog.open()
    check.mutate()
  }
  return (
    <>
      <Button variant="default" onClick={run}>
        Try it
      </Button>
      <Modal opened={isOpen} onClose={dialog.close} title="Does the provider take it?">
        <Stack aria-live="polite">
          {check.isPending && <Loader aria-label="Asking the provider" />}
          <ErrorNotice error={check.error} />
          {check.data && !check.isPending && <Steps steps={check.data.steps} />}
          <Button variant="default" onClick={dialog.close}>
            Close
          </Button>
        </Stack>
      </Modal>
    </>
  )
}

const stepNames: Readonly<Record<CheckStep["step"], string>> = {
  api_call: "A call with the stored token",
  refresh: "A refresh",
  api_call_after_refresh: "A call with the refreshed token",
}

const outcomes = {
  ok: { color: "teal", text: "worked", Icon: IconCheck },
  failed: { color: "red", text: "failed", Icon: IconX },
  unsupported: { color: "gray", text: "does not exist for this service", Icon: IconMinus },
  skipped: { color: "gray", text: "was left out, because a step before failed", Icon: IconMinus },
} as const

function Steps({ steps }: { readonly steps: readonly CheckStep[] }) {
  return (
    <Timeline bulletSize={24} active={steps.length}>
      {steps.map(({ detail, outcome, step }) => {
        const { Icon, color, text } = outcomes[outcome]
        return (
          <Timeline.Item
            key={step}
            title={`${stepNames[step]} ${text}`}
            bullet={
              <ThemeIcon color={color} size={22} radius="xl">
                <Icon size={13} />
              </ThemeIcon>
            }
          >
            {detail !== null && (
              <Text size="sm" c="dimmed">
                {detail}
              </Text>
            )}
          </Timeline.Item>
        )
      })}
    </Timeline>
  )
}
