import { GrantryError } from "@grantry/sdk/members"
import { Alert, Anchor, Code, Group, Stack, Text } from "@mantine/core"
import { IconAlertTriangle } from "@tabler/icons-react"

/** The server's own sentence, its code with a link to what it means, and what finds it in the log. */
export function ErrorNotice({ error }: { readonly error: Error | null | undefined }) {
  if (!error) return null
  const { code, requestId } =
    error instanceof GrantryError ? error : { code: undefined, requestId: undefined }
  return (
    <Alert color="red" role="alert" icon={<IconAlertTriangle size={18} />} variant="light">
      <Stack gap={6}>
        <Text size="sm">{error.message}</Text>
        {code !== undefined && (
          <Group gap="sm">
            <Anchor size="xs" c="inherit" underline="always" href={`/errors/${code}`} target="_blank">
              {code}: what it means
            </Anchor>
            {requestId !== undefined && <Code bg="transparent">{requestId}</Code>}
          </Group>
        )}
      </Stack>
    </Alert>
  )
}
