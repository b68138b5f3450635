import { Button, Card, Group, Stack, TagsInput, Text, Title } from "@mantine/core"
import { useQuery } from "@tanstack/react-query"
import { useState } from "react"
import { originsKey, originsQuery, saveOrigins } from "../server/app-settings.ts"
import { useAct } from "../server/use-act.ts"
import { ErrorNotice } from "../show/error-notice.tsx"

interface AllowedOriginsFormProps {
  readonly appId: string
  readonly mayEdit: boolean
}

export function AllowedOriginsForm({ appId, mayEdit }: AllowedOriginsFormProps) {
  const stored = useQuery(originsQuery(appId))
  const [changed, setChanged] = useState<readonly string[]>()
  const save = useAct({
    act: (origins: readonly string[]) => saveOrigins(appId, origins),
    done: () => "Saved.",
    changes: [originsKey(appId)],
  })
  const submit = () => changed && save.mutate(changed, { onSuccess: () => setChanged(undefined) })
  return (
    <Card>
      <Title order={2} mb={4}>
        Allowed origins
      </Title>
      <Text size="sm" c="dimmed" mb="md">
        Pages there may call this app from a browser, and people are sent back there after a consent.
      </Text>
      <Stack>
        <TagsInput
          aria-label="Allowed origins"
          placeholder={mayEdit ? "https://app.example.com, then Enter" : ""}
          value={[...(changed ?? stored.data ?? [])]}
          onChange={setChanged}
          disabled={!mayEdit || stored.data === undefined}
          splitChars={[",", " "]}
          acceptValueOnBlur
        />
        <ErrorNotice error={save.error ?? stored.error} />
        {mayEdit && (
          <Group justify="flex-end">
            <Button disabled={changed === undefined} loading={save.isPending} onClick={submit}>
              Save origins
            </Button>
          </Group>
        )}
      </Stack>
    </Card>
  )
}
