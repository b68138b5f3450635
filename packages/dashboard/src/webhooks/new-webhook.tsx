import type { CreateWebhookRequest, WebhookEventType } from "@grantry/sdk/wire"
import { Button, Checkbox, Code, Group, Modal, Select, Stack, TextInput } from "@mantine/core"
import { useForm } from "@mantine/form"
import { useDisclosure } from "@mantine/hooks"
import { IconPlus } from "@tabler/icons-react"
import { useQuery } from "@tanstack/react-query"
import { useState } from "react"
import { server } from "../server/client.ts"
import { useAct } from "../server/use-act.ts"
import { eventMeanings, webhooksKey } from "../server/webhooks.ts"
import { appsQuery } from "../server/workspaces.ts"
import { ErrorNotice } from "../show/error-notice.tsx"
import { SecretOnce } from "../show/secret-once.tsx"

interface Fields {
  url: string
  events: WebhookEventType[]
  appId: string | null
}

const initialValues: Fields = { url: "", events: ["connection.reconnect_required"], appId: null }

export function NewWebhook({ workspaceId }: { readonly workspaceId: string }) {
  const [isAsked, dialog] = useDisclosure(false)
  const [secret, setSecret] = useState<string>()
  return (
    <>
      <Button leftSection={<IconPlus size={16} />} onClick={dialog.open}>
        Add a webhook
      </Button>
      <Modal opened={isAsked} onClose={dialog.close} title="Add a webhook" size="lg">
        <NewWebhookForm
          workspaceId={workspaceId}
          onClose={dialog.close}
          onCreated={(made) => {
            dialog.close()
            setSecret(made)
          }}
        />
      </Modal>
      <SecretOnce
        title="Signing secret"
        secret={secret}
        hint="Your endpoint checks every message with it: docs/webhooks.md shows how."
        onClose={() => setSecret(undefined)}
      />
    </>
  )
}

interface NewWebhookFormProps {
  readonly workspaceId: string
  readonly onClose: () => void
  readonly onCreated: (secret: string) => void
}

function NewWebhookForm({ onClose, onCreated, workspaceId }: NewWebhookFormProps) {
  const apps = useQuery(appsQuery).data?.filter((one) => one.organization_id === workspaceId) ?? []
  const form = useForm<Fields>({
    initialValues,
    validate: {
      url: (url) => (URL.canParse(url.trim()) ? null : "An address, https://…"),
      events: (events) => (events.length === 0 ? "At least one." : null),
    },
  })
  const create = useAct({
    act: (fields: Fields) => server.webhooks.create(workspaceId, requestOf(fields)),
    changes: [webhooksKey(workspaceId)],
  })
  const submit = form.onSubmit((fields) =>
    create.mutate(fields, { onSuccess: (created) => onCreated(created.secret) }),
  )
  return (
    <form onSubmit={submit} noValidate>
      <Stack>
        <TextInput
          type="url"
          label="Address"
          description="Your backend's, reachable from this server. Nothing secret needs to be in it: messages are signed."
          placeholder="https://your-backend.example.com/grantry"
          autoComplete="off"
          spellCheck={false}
          data-autofocus
          {...form.getInputProps("url")}
        />
        <Checkbox.Group label="What it hears of" {...form.getInputProps("events")}>
          <Stack gap="xs" mt="xs">
            {eventMeanings.map(({ event, meaning }) => (
              <Checkbox
                key={event}
                value={event}
                label={meaning}
                description={
                  <Code fz={11} bg="transparent" p={0}>
                    {event}
                  </Code>
                }
              />
            ))}
          </Stack>
        </Checkbox.Group>
        <Select
          label="App"
          description="Only this app's events, or those of every app, also of apps that are made later."
          placeholder="Every app of the workspace"
          clearable
          searchable
          data={apps.map(({ id, name }) => ({ value: id, label: name }))}
          {...form.getInputProps("appId")}
        />
        <ErrorNotice error={create.error} />
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" loading={create.isPending}>
            Add it
          </Button>
        </Group>
      </Stack>
    </form>
  )
}

function requestOf({ appId, events, url }: Fields): CreateWebhookRequest {
  return { url: url.trim(), events, ...(appId !== null && { app_id: appId }) }
}
