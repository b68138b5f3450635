/** An app's users by the beginning of their id or of their account's name: first those by id, then those by name. */
import type { ConnectionSummary } from "@grantry/sdk/wire"
import type { Services } from "../services.ts"
import type { Connection, UserSearch } from "../storage/stores/connections.ts"
import { summarize } from "./list-connections.ts"

/** Where a page ends, and the next one goes on. */
export type SearchPlace =
  | { readonly by: "user"; readonly ownerId: string; readonly slot: string }
  | { readonly by: "account"; readonly accountKey: string; readonly id: string }

interface Found {
  readonly connection: Connection
  readonly place: SearchPlace
}

export interface UserConnections {
  readonly items: readonly ConnectionSummary[]
  /** null: there are no more. */
  readonly next: SearchPlace | null
}

type Dependencies = Pick<Services, "catalog" | "storage">

export async function searchUserConnections(
  services: Dependencies,
  search: UserSearch,
  after: SearchPlace | undefined,
): Promise<UserConnections> {
  // One more than fits says whether there is another page.
  const found = await foundAfter(services, { ...search, limit: search.limit + 1 }, after)
  const shown = found.slice(0, search.limit)
  return {
    items: await Promise.all(shown.map(({ connection }) => summarize(services, connection))),
    next: found.length > search.limit ? (shown.at(-1)?.place ?? null) : null,
  }
}

async function foundAfter(
  { storage: { connections } }: Dependencies,
  search: UserSearch,
  after: SearchPlace | undefined,
): Promise<readonly Found[]> {
  const byUser = after?.by === "account" ? [] : (await connections.listByUserStart(search, after)).map(ofUser)
  const left = search.limit - byUser.length
  if (left === 0) return byUser
  const named = after?.by === "account" ? after : undefined
  const byAccount = await connections.listByAccountStart({ ...search, limit: left }, named)
  return [...byUser, ...byAccount.map(ofAccount)]
}

function ofUser(connection: Connection): Found {
  const { ownerId, slot } = connection
  return { connection, place: { by: "user", ownerId, slot } }
}

function ofAccount({
  accountKey,
  connection,
}: {
  readonly connection: Connection
  readonly accountKey: string
}): Found {
  return { connection, place: { by: "account", accountKey, id: connection.id } }
}
