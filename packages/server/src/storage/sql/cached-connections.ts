/**
 * The connection store of SQLite, where one process owns the file and sees every write. Reads of the hot path come from
 * an exact cache, else from a handle of their own that sees committed rows only.
 */
import type { Stores } from "../storage.ts"
import type { Connection, ConnectionAddress, ConnectionStore } from "../stores/connections.ts"
import type { SqlConnectionStore } from "./connections.ts"
import type { RowCache, WrittenRows } from "./row-cache.ts"
import type { SqlStores } from "./stores.ts"

export type ConnectionCache = RowCache<Connection>

/** Reads the committed row, at once. */
export type ReadConnection = (address: ConnectionAddress) => Connection | undefined

/** `takesLease`: nothing that anybody waits for. */
export type GuardedRows = WrittenRows & { readonly takesLease?: true }

/** Runs a write so that the cache never holds a row that it changes. */
export type GuardWrite = <T>(written: GuardedRows, write: () => Promise<T>) => Promise<T>

/** No two addresses have the same key: the second form has no line breaks, and the first has exactly four. */
function addressKey(address: ConnectionAddress): string {
  const { workspaceId, appId, ownerKind, ownerId, slot } = address
  if (appId.includes("\n") || slot.includes("\n") || ownerId.includes("\n")) {
    return JSON.stringify([workspaceId, appId, ownerKind, slot, ownerId])
  }
  return `${workspaceId}\n${appId}\n${ownerKind}\n${slot}\n${ownerId}`
}

/** Whoever waits for a connection hears of its writes. */
export type Written = (written: GuardedRows) => void

/** A write outside a transaction has ended when its statement has. */
export function guardSingleWrite(cache: ConnectionCache, ended: Written): GuardWrite {
  return async (written, write) => {
    const end = cache.beginWrite(written)
    try {
      return await write()
    } finally {
      end()
      ended(written)
    }
  }
}

/** The writes of a transaction end together, when it has been committed or rolled back. */
export class TransactionWrites {
  readonly #cache: ConnectionCache
  readonly #ended: Written
  readonly #ends: (() => void)[] = []

  constructor(cache: ConnectionCache, ended: Written) {
    this.#cache = cache
    this.#ended = ended
  }

  readonly guard: GuardWrite = (written, write) => {
    const end = this.#cache.beginWrite(written)
    this.#ends.push(() => {
      end()
      this.#ended(written)
    })
    return write()
  }

  end(): void {
    for (const end of this.#ends.splice(0)) end()
  }
}

/** Announces every write to connections, also those that other stores do on the way. */
export function guardConnectionWrites(stores: SqlStores, guard: GuardWrite): Stores {
  return {
    ...stores,
    apps: {
      ...stores.apps,
      remove: (workspaceId, id) => guard({}, () => stores.apps.remove(workspaceId, id)),
    },
    connectors: {
      ...stores.connectors,
      remove: (workspaceId, id) => guard({}, () => stores.connectors.remove(workspaceId, id)),
    },
    closures: {
      ...stores.closures,
      insert: (closure) => guard({}, () => stores.closures.insert(closure)),
    },
    tenantRows: {
      ...stores.tenantRows,
      removeSome: (...some) => guard({}, () => stores.tenantRows.removeSome(...some)),
    },
    connections: guardStore(stores.connections, guard),
  }
}

function guardStore(store: SqlConnectionStore, guard: GuardWrite): ConnectionStore {
  return {
    ...store,
    saveGrant: (grant) => guard({ ids: [grant.id], key: addressKey(grant) }, () => store.saveGrant(grant)),
    acquireLease: (fence, ...rest) =>
      guard({ ids: [fence.id], takesLease: true }, () => store.acquireLease(fence, ...rest)),
    releaseLease: (workspaceId, id, owner) =>
      guard({ ids: [id] }, () => store.releaseLease(workspaceId, id, owner)),
    postponeRefresh: (connection, ...rest) =>
      guard({ ids: [connection.id] }, () => store.postponeRefresh(connection, ...rest)),
    async leaseDue(query) {
      // Found first, so that the cache need not be told that it may be any row: it would lose them all.
      const ids = await store.findDueIds(query)
      return ids.length === 0 ? [] : guard({ ids, takesLease: true }, () => store.leaseDue({ ...query, ids }))
    },
    commitRefresh: (fence, ...rest) => guard({ ids: [fence.id] }, () => store.commitRefresh(fence, ...rest)),
    recordRefreshFailure: (fence, ...rest) =>
      guard({ ids: [fence.id] }, () => store.recordRefreshFailure(fence, ...rest)),
    markExpired: (fence, ...rest) => guard({ ids: [fence.id] }, () => store.markExpired(fence, ...rest)),
    disconnect: (workspaceId, id, now) => guard({ ids: [id] }, () => store.disconnect(workspaceId, id, now)),
    remove: (workspaceId, id) => guard({ ids: [id] }, () => store.remove(workspaceId, id)),
  }
}

/** Answers the hot read from the cache, else from the committed row, which it keeps. */
export function cacheReads(
  store: ConnectionStore,
  cache: ConnectionCache,
  read: ReadConnection,
): ConnectionStore {
  const findByAddressCached = (address: ConnectionAddress): Connection | undefined =>
    cache.get(addressKey(address))
  return {
    ...store,
    findByAddressCached,
    async findByAddress(address) {
      const cached = findByAddressCached(address)
      if (cached !== undefined) return cached
      const token = cache.beginRead()
      const connection = read(address)
      if (connection) cache.store(token, { id: connection.id, key: addressKey(address) }, connection)
      return connection
    },
  }
}
