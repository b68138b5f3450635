import { Skeleton, Stack } from "@mantine/core"
import type { UseQueryResult } from "@tanstack/react-query"
import type { ReactNode } from "react"
import { ErrorNotice } from "./error-notice.tsx"

interface LoadedProps<Data> {
  readonly of: UseQueryResult<Data>
  readonly children: (data: Data) => ReactNode
}

/** What a query answered, or its error, or that it is on its way. */
export function Loaded<Data>({ children, of }: LoadedProps<Data>) {
  if (of.data !== undefined) return children(of.data)
  if (of.error) return <ErrorNotice error={of.error} />
  return (
    <Stack component="output" aria-label="Loading">
      <Skeleton h={64} />
      <Skeleton h={64} />
      <Skeleton h={64} />
    </Stack>
  )
}
