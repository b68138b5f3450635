import type { ListQuery, Page } from "../wire/list.ts"

/** Items per request: the most that the server answers. */
const perRequest = 200

/** Follows `next_cursor` to the end. */
export async function everyPage<Answer extends Page, Item>(
  read: (query: ListQuery) => Promise<Answer>,
  items: (answer: Answer) => readonly Item[],
): Promise<Item[]> {
  const found: Item[] = []
  let cursor: string | undefined
  do {
    const answer = await read({ limit: perRequest, ...(cursor !== undefined && { cursor }) })
    found.push(...items(answer))
    cursor = answer.next_cursor ?? undefined
  } while (cursor !== undefined)
  return found
}
