import type { Call } from "./create-call.ts"
import { camelCase, type CamelCased } from "./rename-members.ts"
import type { Page } from "./wire/list.ts"

/** The items of every page of a list. */
export async function readPages<Answer extends Page, Item>(
  call: Call,
  path: string,
  itemsOf: (page: Answer) => readonly Item[],
): Promise<CamelCased<Item>[]> {
  const items: CamelCased<Item>[] = []
  let query = ""
  do {
    const page = (await call(path + query)) as Answer
    items.push(...itemsOf(page).map(camelCase<Item>))
    query = page.next_cursor ? `?cursor=${encodeURIComponent(page.next_cursor)}` : ""
  } while (query)
  return items
}
