/** What the installation as a whole remembers. */

export interface MetaStore {
  get(key: string): Promise<string | undefined>
  /** Writes only if the key is absent; the value that now stands. */
  putIfAbsent(key: string, value: string): Promise<string>
  put(key: string, value: string): Promise<void>
  delete(key: string): Promise<boolean>
}
