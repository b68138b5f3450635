/** Puts spans around what leaves the process: requests to other servers, and the database. */
import { type Outbound, OutboundError } from "../../outbound/outbound.ts"
import type { Refresher } from "../../connections/refresh.ts"
import type { Storage } from "../../storage/storage.ts"
import { traced, type Tracing } from "./tracing.ts"

/** Paths and queries may hold what nobody else should read: only the host is named. */
export function tracedOutbound(outbound: Outbound, tracing: Tracing): Outbound {
  return {
    ...outbound,
    send(request) {
      const attributes = {
        "http.request.method": request.method,
        "server.address": new URL(request.url).hostname,
      }
      return traced(tracing, { name: request.method, kind: "client", attributes }, async (span) => {
        try {
          const answer = await outbound.send(request)
          span?.set({ "http.response.status_code": answer.status })
          if (answer.status >= 400) span?.fail(String(answer.status))
          return answer
        } catch (error) {
          if (error instanceof OutboundError) span?.set({ "grantry.outbound_error": error.kind })
          throw error
        }
      })
    },
  }
}

/** The flight that several callers share belongs to the trace of the one who began it. */
export function tracedRefresher(refresher: Refresher, tracing: Tracing): Refresher {
  const start = (name: string, { type }: { readonly type: string }) => ({
    name,
    attributes: { "grantry.connector_type": type },
  })
  return {
    ...refresher,
    refresh: (connection) =>
      traced(tracing, start("refresh", connection), () => refresher.refresh(connection)),
    refreshOrKeep: (connection) =>
      traced(tracing, start("refresh", connection), () => refresher.refreshOrKeep(connection)),
    refreshBehind(connection) {
      const span = tracing.open(start("refresh behind the caller", connection))
      span.within(() => refresher.refreshBehind(connection))
      span.end()
    },
  }
}

/** A span for each question that is asked of a store, named after it. */
export function tracedStorage(storage: Storage, tracing: Tracing, system: string): Storage {
  const attributes = { "db.system.name": system }
  const name = (what: string) => ({ name: what, kind: "client" as const, attributes })
  const parts = Object.entries(storage).map(([store, value]) => [
    store,
    typeof value === "object"
      ? tracedStore(value as Store, (method) => name(`db ${store}.${method}`))
      : value,
  ])
  const stores = Object.fromEntries(parts) as Storage
  function tracedStore(inner: Store, start: (method: string) => ReturnType<typeof name>): Store {
    return Object.fromEntries(
      Object.entries(inner).map(([method, ask]) => [
        method,
        // It answers at once, from memory.
        method.endsWith("Cached")
          ? ask
          : (...args: readonly unknown[]) => traced(tracing, start(method), async () => ask(...args)),
      ]),
    )
  }
  return {
    ...stores,
    transaction: (work) => traced(tracing, name("db transaction"), () => storage.transaction(work)),
  }
}

type Store = Readonly<Record<string, (...args: readonly unknown[]) => unknown>>
