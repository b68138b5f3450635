import { Button, Stack } from "@mantine/core"
import { ErrorNotice } from "../show/error-notice.tsx"

/** A page that could not be loaded or drawn, e.g. because the server was upgraded meanwhile. */
export function PageFailed({ error }: { readonly error: unknown }) {
  return (
    <Stack m="md" align="flex-start">
      <ErrorNotice error={error instanceof Error ? error : new Error(String(error))} />
      <Button onClick={() => location.reload()}>Load the page again</Button>
    </Stack>
  )
}
