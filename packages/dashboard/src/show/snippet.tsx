import { Box, Code } from "@mantine/core"
import { CopyIcon } from "./copy-text.tsx"

/** Code to take away. Long lines scroll inside it, never the page. */
export function Snippet({ code, label }: { readonly code: string; readonly label: string }) {
  return (
    <Box pos="relative">
      <Code block pr={44} tabIndex={0} aria-label={label} style={{ overflowX: "auto", whiteSpace: "pre" }}>
        {code}
      </Code>
      <Box pos="absolute" top={6} right={6}>
        <CopyIcon label={label} text={code} />
      </Box>
    </Box>
  )
}
