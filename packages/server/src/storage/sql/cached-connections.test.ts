import { expect, test } from "vitest"
import type { Connection, ConnectionAddress, ConnectionStore } from "../stores/connections.ts"
import { cacheReads, type ConnectionCache } from "./cached-connections.ts"
import { RowCache } from "./row-cache.ts"

const at = (slot: string, ownerId: string): ConnectionAddress => ({
  workspaceId: "ws_1",
  appId: "app_1",
  ownerKind: "app_user",
  ownerId,
  slot,
})

function storeOver(rows: ReadonlyMap<ConnectionAddress, Connection>): ConnectionStore {
  const cache: ConnectionCache = new RowCache<Connection>(10)
  return cacheReads({} as ConnectionStore, cache, (address) => rows.get(address))
}

test("addresses whose parts join to the same text are told apart", async () => {
  const one = at("type:a\nb", "c")
  const other = at("type:a", "b\nc")
  const row = Object.freeze({ ...one, id: "conn_1" }) as Connection
  const store = storeOver(new Map([[one, row]]))
  expect(await store.findByAddress(one)).toBe(row)
  expect(store.findByAddressCached(one)).toBe(row)
  expect(store.findByAddressCached(other)).toBeUndefined()
})
