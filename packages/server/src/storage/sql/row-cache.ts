/**
 * A bounded cache of rows that is exact: what it returns is what a read of the database would return at that moment.
 *
 * A write announces itself before it starts and again when it has ended, committed or not. In between the row is not in
 * the cache and cannot enter it. A read asks for a token before it starts, and its row is kept only if no write has
 * begun or ended since then: such a row might be older than the write.
 */
export interface WrittenRows {
  /** Every name that is known; without any, all rows may be meant. */
  readonly ids?: readonly string[]
  readonly key?: string
}

export type ReadToken = number

interface Entry<Row> {
  readonly id: string
  readonly row: Row
  /** How many entries had been put at the end before this one. */
  place: number
}

export class RowCache<Row extends object> {
  readonly #capacity: number
  /** In the order of use, by and large: the first entry was not asked for longest. */
  readonly #rows = new Map<string, Entry<Row>>()
  readonly #keyOfId = new Map<string, string>()
  readonly #idsInWrite = new Map<string, number>()
  readonly #keysInWrite = new Map<string, number>()
  #broadWrites = 0
  #places = 0
  #epoch = 0

  constructor(capacity: number) {
    this.#capacity = capacity
  }

  get size(): number {
    return this.#rows.size
  }

  get(key: string): Row | undefined {
    const entry = this.#rows.get(key)
    if (entry === undefined) return undefined
    // Moving an entry costs more than finding it: those in the younger half are far from being evicted and stay.
    if (this.#places - entry.place > this.#capacity / 2) {
      this.#rows.delete(key)
      this.#append(key, entry)
    }
    return entry.row
  }

  beginRead(): ReadToken {
    return this.#epoch
  }

  /** @returns whether the row was kept */
  store(token: ReadToken, names: { readonly id: string; readonly key: string }, row: Row): boolean {
    if (token !== this.#epoch || this.#isInWrite(names)) return false
    this.#forget({ ids: [names.id], key: names.key })
    this.#append(names.key, { id: names.id, row, place: 0 })
    this.#keyOfId.set(names.id, names.key)
    this.#evict()
    return true
  }

  /** @returns what to call once the write has ended, whatever came of it; calling it again does nothing */
  beginWrite(written: WrittenRows): () => void {
    const broad = written.ids === undefined && written.key === undefined
    this.#epoch += 1
    this.#forget(written)
    this.#count(written, 1)
    if (broad) this.#broadWrites += 1
    let ended = false
    return () => {
      if (ended) return
      ended = true
      this.#epoch += 1
      this.#count(written, -1)
      if (broad) this.#broadWrites -= 1
    }
  }

  #append(key: string, entry: Entry<Row>): void {
    entry.place = this.#places
    this.#places += 1
    this.#rows.set(key, entry)
  }

  #isInWrite(names: { readonly id: string; readonly key: string }): boolean {
    return this.#broadWrites > 0 || this.#idsInWrite.has(names.id) || this.#keysInWrite.has(names.key)
  }

  #forget({ ids, key }: WrittenRows): void {
    if (ids === undefined && key === undefined) {
      this.#rows.clear()
      this.#keyOfId.clear()
    }
    for (const id of ids ?? []) this.#forgetKey(this.#keyOfId.get(id))
    if (key !== undefined) this.#forgetKey(key)
  }

  #forgetKey(key: string | undefined): void {
    if (key === undefined) return
    const entry = this.#rows.get(key)
    if (entry === undefined) return
    this.#rows.delete(key)
    this.#keyOfId.delete(entry.id)
  }

  #count({ ids, key }: WrittenRows, by: 1 | -1): void {
    for (const id of ids ?? []) addTo(this.#idsInWrite, id, by)
    if (key !== undefined) addTo(this.#keysInWrite, key, by)
  }

  #evict(): void {
    if (this.#rows.size <= this.#capacity) return
    const oldest = this.#rows.keys().next()
    if (!oldest.done) this.#forgetKey(oldest.value)
  }
}

function addTo(counts: Map<string, number>, name: string, by: number): void {
  const count = (counts.get(name) ?? 0) + by
  if (count === 0) counts.delete(name)
  else counts.set(name, count)
}
