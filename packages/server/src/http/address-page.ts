/** Pages of connections in the order of their addresses. */
import type { Static } from "typebox"
import type { Listed } from "../connections/app-user-connections.ts"
import type { ConnectionQuery } from "../storage/stores/connections.ts"
import { cursorAt, notACursor, type PageQuery, pageAsked } from "./paging.ts"

export interface AddressPageAsked {
  readonly limit: number
  /** One row more says whether there is another page. */
  readonly rows: Pick<ConnectionQuery, "after" | "limit">
}

/** @throws INVALID_REQUEST for a cursor that no such list gave */
export function addressAsked(query: Static<typeof PageQuery>): AddressPageAsked {
  const { after, limit } = pageAsked(query, 3)
  if (after === undefined) return { limit, rows: { limit: limit + 1 } }
  const [ownerKind, ownerId = "", slot = ""] = after
  if (ownerKind !== "app" && ownerKind !== "app_user") throw notACursor()
  return { limit, rows: { limit: limit + 1, after: { ownerKind, ownerId, slot } } }
}

export function addressPage<Item>(
  { items, rows }: Listed<Item>,
  { limit }: AddressPageAsked,
): { readonly items: Item[]; readonly next_cursor: string | null } {
  const last = rows.length > limit ? rows[limit - 1] : undefined
  const next = last ? cursorAt([last.ownerKind, last.ownerId, last.slot]) : null
  return { items: items.slice(0, limit), next_cursor: next }
}
