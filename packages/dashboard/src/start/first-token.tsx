import { Button, Loader, Stack, Text } from "@mantine/core"
import { useQuery } from "@tanstack/react-query"
import { useState } from "react"
import { curlCommand } from "../integrations/sdk-snippets.tsx"
import { server } from "../server/client.ts"
import { serviceKeysKey, serviceKeysQuery } from "../server/keys.ts"
import { useAct } from "../server/use-act.ts"
import { ErrorNotice } from "../show/error-notice.tsx"
import { Snippet } from "../show/snippet.tsx"

interface FirstTokenProps {
  readonly appId: string
  readonly type: string
}

/** A service key inside the command that uses it; the key is in this page's memory only. */
export function FirstToken({ appId, type }: FirstTokenProps) {
  const [key, setKey] = useState<string>()
  const make = useAct({
    act: () => server.serviceKeys.create(appId, { name: "first steps" }),
    changes: [serviceKeysKey(appId)],
  })
  // When a key was used is written a few seconds later.
  useQuery({ ...serviceKeysQuery(appId), refetchInterval: key === undefined ? false : 2_000 })
  if (key === undefined) {
    return (
      <Stack mt="xs" align="flex-start">
        <Button
          loading={make.isPending}
          onClick={() => make.mutate(undefined, { onSuccess: (made) => setKey(made.key) })}
        >
          Make a service key and show the command
        </Button>
        <ErrorNotice error={make.error} />
      </Stack>
    )
  }
  return (
    <Stack mt="xs" gap="xs">
      <Snippet label="command" code={curlCommand(appId, type, key)} />
      <Text size="sm" c="dimmed">
        Run it in a terminal. The key in it is shown this once: keep it as GRANTRY_SERVICE_KEY, or make
        another later.
      </Text>
      <Text size="sm" component="output">
        <Loader size={12} mr={8} />
        Waiting for the first token to be fetched
      </Text>
    </Stack>
  )
}
