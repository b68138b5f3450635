/** Where the work that is going on was asked from: what the audit says of every act, without each having to carry it. */
import { AsyncLocalStorage } from "node:async_hooks"

export interface RequestOrigin {
  readonly address: string
  readonly requestId: string
}

export interface RequestOrigins {
  /** @param work and what it begins was asked from there */
  within(origin: RequestOrigin, work: () => void): void
  /** undefined outside of requests. */
  current(): RequestOrigin | undefined
}

export function createRequestOrigins(): RequestOrigins {
  const origins = new AsyncLocalStorage<RequestOrigin>()
  return {
    within: (origin, work) => origins.run(origin, work),
    current: () => origins.getStore(),
  }
}
