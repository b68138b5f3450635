/**
 * The two reads of every token: the caller's key and the connection. Reads of the same moment are one statement, planned
 * once per connection of the pool: a round trip costs several times the look into the index.
 */
import type pg from "pg"
import type { ConnectionAddress, ConnectionStore } from "../stores/connections.ts"
import type { KeyStore } from "../stores/keys.ts"
import { addressParameters, compileFindByAddresses } from "./connection-reads.ts"
import { addressColumns, toConnection } from "./connection-row.ts"
import { compileFindServiceKeys, type FoundServiceKeyRow, toServiceKey } from "./keys.ts"
import { troubleOfStatement } from "./postgres-trouble.ts"
import type { ConnectionRow, Db } from "./schema.ts"
import { readTogether } from "./read-together.ts"
import type { TransactionScope } from "./transaction-scope.ts"

export interface HotReads {
  readonly findByAddress: ConnectionStore["findByAddress"]
  readonly findServiceKeyByHash: KeyStore["findServiceKeyByHash"]
}

export function createHotReads(pool: pg.Pool, db: Db, scope: TransactionScope): HotReads {
  const findConnection = connectionReader(pool, db)
  const findServiceKey = serviceKeyReader(pool, db)
  return {
    async findByAddress(address) {
      scope.assertOutside()
      return findConnection(address)
    },
    async findServiceKeyByHash(hash) {
      scope.assertOutside()
      return findServiceKey(hash)
    },
  }
}

function connectionReader(pool: pg.Pool, db: Db) {
  const { sql: text } = compileFindByAddresses(db)
  const nameOf = (address: ConnectionAddress) => JSON.stringify(addressParameters(address))
  return readTogether({
    nameOf,
    async readAll(addresses: readonly ConnectionAddress[]) {
      const rows = await read<ConnectionRow>(pool, {
        name: "find_connections_by_address",
        text,
        values: [JSON.stringify(addresses.map(addressColumns))],
      })
      const connections = rows.map(toConnection)
      return new Map(connections.map((connection) => [nameOf(connection), connection]))
    },
  })
}

function serviceKeyReader(pool: pg.Pool, db: Db) {
  const { sql: text } = compileFindServiceKeys(db)
  const nameOf = (hash: Uint8Array) => Buffer.from(hash).toString("hex")
  return readTogether({
    nameOf,
    async readAll(hashes: readonly Uint8Array[]) {
      const query = { name: "find_service_keys_by_hash", text, values: [JSON.stringify(hashes.map(nameOf))] }
      const rows = await read<FoundServiceKeyRow>(pool, query)
      return new Map(rows.map((row) => [nameOf(row.hash), toServiceKey(row)]))
    },
  })
}

/** The pool's own query hides whether it had a connection; for a read that makes no difference. */
async function read<Row extends pg.QueryResultRow>(
  pool: pg.Pool,
  query: { readonly name: string; readonly text: string; readonly values: unknown[] },
): Promise<readonly Row[]> {
  try {
    return (await pool.query<Row>(query)).rows
  } catch (error) {
    throw troubleOfStatement(error, "read")?.error ?? error
  }
}
