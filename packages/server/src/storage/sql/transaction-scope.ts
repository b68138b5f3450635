/**
 * Inside `transaction(work)` only the stores handed to `work` may be used. The outer ones would wait for the transaction
 * that waits for them (SQLite has one connection), or write outside of it (PostgreSQL): both are refused at once.
 */
import { AsyncLocalStorage } from "node:async_hooks"
import type { KyselyPlugin } from "kysely"

export interface TransactionScope {
  run<T>(work: () => Promise<T>): Promise<T>
  /** Throws when called from inside an open transaction. */
  assertOutside(): void
  /** The same before each of the outer stores' queries. */
  readonly refuseInside: KyselyPlugin
}

export function createTransactionScope(): TransactionScope {
  const open = new AsyncLocalStorage<{ ended: boolean }>()
  const assertOutside = () => {
    if (open.getStore()?.ended !== false) return
    throw new Error("Inside transaction() use the stores that it hands out, not those outside")
  }
  return {
    assertOutside,
    run(work) {
      // What was started inside and goes on after the end is outside again.
      const state = { ended: false }
      return open.run(state, work).finally(() => {
        state.ended = true
      })
    },
    refuseInside: {
      transformQuery({ node }) {
        assertOutside()
        return node
      },
      transformResult: async ({ result }) => result,
    },
  }
}
