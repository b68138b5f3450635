import { Anchor, Button, Group, Loader, Modal, Stack, Text } from "@mantine/core"
import { IconCircleCheck, IconCircleX } from "@tabler/icons-react"
import type { ReactNode } from "react"
import { ConsentFailure } from "./consent-failure.tsx"
import { type Consent, openConsentWindow } from "../server/use-consent.ts"

interface ConsentDialogProps {
  readonly consent: Consent
  readonly service: string
  readonly onClose: () => void
  /** Takes the connection over from a colleague, or starts once more. */
  readonly onForce: () => void
}

/** What happens in the other window, told in this one. */
export function ConsentDialog({ consent, onClose, onForce, service }: ConsentDialogProps) {
  return (
    <Modal opened={consent.kind !== "none"} onClose={onClose} title={titleOf(consent, service)}>
      <Stack aria-live="polite">{bodyOf({ consent, onClose, onForce, service })}</Stack>
    </Modal>
  )
}

function titleOf({ kind }: Consent, service: string): string {
  if (kind === "connected" || kind === "already") return `${service} is connected`
  if (kind === "failed") return "Nothing was connected"
  return kind === "colleague" ? "A colleague's connection" : `Connect ${service}`
}

function bodyOf({ consent, onClose, onForce, service }: ConsentDialogProps): ReactNode {
  switch (consent.kind) {
    case "none":
      return null
    case "waiting":
      return <Waiting url={consent.url} onClose={onClose} />
    case "connected":
      return (
        <Over icon="ok" text={`Calls for ${service} answer with its token from now on.`} onClose={onClose} />
      )
    case "already":
      return (
        <Over
          icon="ok"
          text="It has exactly these permissions already: there was nothing to ask for."
          onClose={onClose}
        />
      )
    case "failed":
      return (
        <Over
          icon="failed"
          text={<ConsentFailure failure={consent.failure} service={service} />}
          onClose={onClose}
        >
          <Button onClick={onForce}>Try again</Button>
        </Over>
      )
    case "colleague":
      return (
        <>
          <Text size="sm">
            {consent.email ?? "A colleague"} has connected {service} for this app. Taking it over asks you for
            consent and replaces their account by yours.
          </Text>
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              Leave it
            </Button>
            <Button onClick={onForce}>Take it over</Button>
          </Group>
        </>
      )
  }
}

function Waiting({ onClose, url }: { readonly url: string; readonly onClose: () => void }) {
  return (
    <>
      <Group wrap="nowrap" align="flex-start">
        <Loader size="sm" mt={3} />
        <Text size="sm">
          Finish in the window that has opened; this one notices by itself. Did none open?{" "}
          <Anchor href={url} target="_blank" underline="always" inherit>
            Open the page here
          </Anchor>
          .
        </Text>
      </Group>
      <Group justify="flex-end">
        <Button variant="default" onClick={onClose}>
          Stop waiting
        </Button>
        <Button onClick={() => openConsentWindow(url)}>Show the window</Button>
      </Group>
    </>
  )
}

interface OverProps {
  readonly icon: "ok" | "failed"
  readonly text: ReactNode
  readonly onClose: () => void
  readonly children?: ReactNode
}

function Over({ children, icon, onClose, text }: OverProps) {
  return (
    <>
      <Group wrap="nowrap" align="flex-start">
        {icon === "ok" ? (
          <IconCircleCheck color="var(--mantine-color-teal-6)" style={{ flex: "none" }} />
        ) : (
          <IconCircleX color="var(--mantine-color-red-6)" style={{ flex: "none" }} />
        )}
        {typeof text === "string" ? <Text size="sm">{text}</Text> : text}
      </Group>
      <Group justify="flex-end">
        <Button variant={children === undefined ? "filled" : "default"} onClick={onClose} data-autofocus>
          Close
        </Button>
        {children}
      </Group>
    </>
  )
}
