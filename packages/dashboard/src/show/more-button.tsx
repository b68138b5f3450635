import { Button } from "@mantine/core"
import type { UseInfiniteQueryResult } from "@tanstack/react-query"

type Pages = Pick<UseInfiniteQueryResult, "hasNextPage" | "isFetchingNextPage" | "fetchNextPage">

/** The next page of a list that the server pages. */
export function MoreButton({ query }: { readonly query: Pages }) {
  if (!query.hasNextPage) return null
  return (
    <Button variant="default" loading={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
      Show more
    </Button>
  )
}
