/** The load generator as its user sees it: one thread, one order at a time. */
import { once } from "node:events"
import { Worker } from "node:worker_threads"
import type { GeneratorInput, Order, Outcome, Report } from "./protocol.ts"

export interface Load {
  run(order: Order): Promise<Outcome>
  close(): Promise<void>
}

/**
 * @param requests complete HTTP requests; each one sent is chosen at random
 * @param statuses that answers may have: what is fast must also be right
 */
export function startLoad(requests: readonly string[], statuses: readonly number[] = [200]): Load {
  const workerData: GeneratorInput = { requests, statuses }
  const worker = new Worker(new URL("./generator.ts", import.meta.url), { workerData })
  return {
    async run(order) {
      const answer = once(worker, "message")
      worker.postMessage(order)
      const [report] = (await answer) as [Report]
      if ("failure" in report) throw new Error(`the load generator gave up: ${report.failure}`)
      return report.outcome
    },
    async close() {
      await worker.terminate()
    },
  }
}
