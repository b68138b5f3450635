/**
 * Point reads that are asked for in the same turn of the event loop, made by one statement. Nothing is kept: each is made
 * after it was asked for, so that it sees everything committed before.
 */
import DataLoader from "dataloader"
import { StorageUnavailable } from "../storage.ts"

export interface ReadTogether<Key, Row> {
  /** Two keys with the same name are one. */
  readonly nameOf: (key: Key) => string
  /** Rows by the names of their keys; those that are not there are left out. */
  readonly readAll: (keys: readonly Key[]) => Promise<ReadonlyMap<string, Row>>
}

/** Keys of one statement: more of them would keep what is behind it waiting, and save nothing. */
const maxKeys = 100

export function readTogether<Key, Row>({
  nameOf,
  readAll,
}: ReadTogether<Key, Row>): (key: Key) => Promise<Row | undefined> {
  const load = async (keys: readonly Key[]) => {
    const rows = await readAll(keys)
    return keys.map((key) => rows.get(nameOf(key)))
  }
  const loader = new DataLoader<Key, Row | undefined, string>(
    async (keys) => {
      // Who asks from now on asks anew.
      loader.clearAll()
      try {
        return await load(keys)
      } catch (error) {
        if (error instanceof StorageUnavailable || keys.length === 1) throw error
        return eachAlone(keys, load)
      }
    },
    // Requests that arrived together have all been read from their sockets by then.
    { cacheKeyFn: nameOf, maxBatchSize: maxKeys, batchScheduleFn: (dispatch) => void setImmediate(dispatch) },
  )
  return (key) => loader.load(key)
}

/** A key that the database does not take must fail nobody else. */
async function eachAlone<Key, Row>(
  keys: readonly Key[],
  load: (keys: readonly Key[]) => Promise<readonly Row[]>,
): Promise<(Row | Error)[]> {
  const answers = await Promise.allSettled(keys.map((key) => load([key])))
  return answers.map((answer) => {
    if (answer.status === "fulfilled") return answer.value[0] as Row
    return answer.reason instanceof Error ? answer.reason : new Error(String(answer.reason))
  })
}
