import { Button, Group, JsonInput, Modal, SegmentedControl, Stack, TextInput } from "@mantine/core"
import { useForm } from "@mantine/form"
import type { AddIdentityIssuerRequest } from "@grantry/sdk/wire"
import { addIssuer, issuersKey } from "../server/app-settings.ts"
import { useAct } from "../server/use-act.ts"
import { ErrorNotice } from "../show/error-notice.tsx"

interface NewIssuerDialogProps {
  readonly appId: string
  readonly opened: boolean
  readonly onClose: () => void
}

const initialValues = { issuer: "", audience: "", keys: "url", jwksUrl: "", jwks: "" }

export function NewIssuerDialog({ appId, onClose, opened }: NewIssuerDialogProps) {
  const form = useForm({
    initialValues,
    validate: {
      issuer: (issuer) => (issuer.trim() === "" ? "As in the tokens' iss, exactly." : null),
      audience: (audience) => (audience.trim() === "" ? "As in the tokens' aud." : null),
      jwksUrl: (url, { keys }) => (keys === "url" && url.trim() === "" ? "Where its public keys are." : null),
      jwks: (text, { keys }) =>
        keys === "pinned" && !isJson(text) ? 'A JSON Web Key Set: {"keys": […]}' : null,
    },
  })
  const add = useAct({
    act: (values: typeof initialValues) => addIssuer(appId, requestOf(values)),
    done: ({ issuer }) => `Tokens of ${issuer} are taken from now on.`,
    changes: [issuersKey(appId)],
  })
  const submit = form.onSubmit((values) =>
    add.mutate(values, {
      onSuccess: () => {
        form.reset()
        onClose()
      },
    }),
  )
  return (
    <Modal opened={opened} onClose={onClose} title="Trust an issuer">
      <form onSubmit={submit} noValidate>
        <Stack>
          <TextInput
            label="Issuer"
            placeholder="https://login.example.com"
            data-autofocus
            {...form.getInputProps("issuer")}
          />
          <TextInput label="Audience" placeholder="my-app" {...form.getInputProps("audience")} />
          <SegmentedControl
            aria-label="Its keys"
            data={[
              { value: "url", label: "Keys at an address" },
              { value: "pinned", label: "Keys pinned here" },
            ]}
            {...form.getInputProps("keys")}
          />
          {form.values.keys === "url" ? (
            <TextInput
              label="JWKS URL"
              placeholder="https://login.example.com/.well-known/jwks.json"
              {...form.getInputProps("jwksUrl")}
            />
          ) : (
            <JsonInput
              label="JSON Web Key Set"
              minRows={6}
              autosize
              formatOnBlur
              {...form.getInputProps("jwks")}
            />
          )}
          <ErrorNotice error={add.error} />
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              Cancel
            </Button>
            <Button type="submit" loading={add.isPending}>
              Trust it
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  )
}

function requestOf({
  audience,
  issuer,
  jwks,
  jwksUrl,
  keys,
}: typeof initialValues): AddIdentityIssuerRequest {
  const named = { issuer: issuer.trim(), audience: audience.trim() }
  if (keys === "url") return { ...named, jwks_url: jwksUrl.trim() }
  return { ...named, jwks: JSON.parse(jwks) as NonNullable<AddIdentityIssuerRequest["jwks"]> }
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}
