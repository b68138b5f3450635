/** Addresses that are held back belong to no tenant, in whose audit they could stand: they are summed in the log. */
import type { Log } from "../log.ts"

export interface AddressReport {
  note(limit: string, address: string): void
  /** Logs what is left. */
  close(): void
}

const windowMs = 60_000
/** A flood from everywhere must not become a flood of lines. */
const maxNamed = 100

export function createAddressReport(log: Pick<Log, "warn">): AddressReport {
  let refused = new Map<string, { readonly limit: string; readonly address: string; count: number }>()
  let others = 0

  function write(): void {
    for (const { address, count, limit } of refused.values())
      log.warn({ address, limit, refused: count }, "an address has used up its limit")
    if (others > 0) log.warn({ refused: others }, "so have further addresses")
    refused = new Map()
    others = 0
  }

  const timer = setInterval(write, windowMs).unref()
  return {
    note(limit, address) {
      const key = `${limit} ${address}`
      const known = refused.get(key)
      if (known) known.count += 1
      else if (refused.size < maxNamed) refused.set(key, { limit, address, count: 1 })
      else others += 1
    },
    close() {
      clearInterval(timer)
      write()
    },
  }
}
