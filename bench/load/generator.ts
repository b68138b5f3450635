/** The load generator's thread: keeps its requests prepared, so that nearly all it does is to write and to read. */
import { parentPort, workerData } from "node:worker_threads"
import { type Connection, openConnections } from "./connections.ts"
import type { GeneratorInput, Order, Outcome, Report, Target } from "./protocol.ts"
import { createRandom } from "./random.ts"

const given = workerData as GeneratorInput
const requests = given.requests.map((text) => Buffer.from(text, "latin1"))
const random = createRandom(20_261_122)

const longWaitMs = 4

function anyRequest(): Buffer {
  const request = requests[random(requests.length)]
  if (!request) throw new Error("there are no requests to send")
  return request
}

async function measured(work: () => Promise<Pick<Outcome, "answers" | "latenciesMs">>): Promise<Outcome> {
  const cpu = process.threadCpuUsage()
  const start = performance.now()
  const found = await work()
  const elapsedMs = performance.now() - start
  const { user, system } = process.threadCpuUsage(cpu)
  return { ...found, elapsedMs, generatorCpu: (user + system) / 1000 / elapsedMs }
}

async function saturate(target: Target): Promise<Outcome> {
  let answers = 0
  let running = true
  const failure = Promise.withResolvers<never>()
  const open = await openConnections(
    { ...target, statuses: given.statuses },
    {
      answered(connection) {
        if (!running) return
        answers += 1
        connection.send(anyRequest())
      },
      failed: failure.reject,
    },
  )
  try {
    return await measured(async () => {
      for (const connection of open) connection.send(anyRequest())
      stayAwake(() => running)
      await Promise.race([pause(target.durationMs), failure.promise])
      running = false
      return { answers, latenciesMs: [] }
    })
  } finally {
    for (const connection of open) connection.close()
  }
}

/**
 * A thread that sleeps until the next answer makes the server pay for waking it: several microseconds of system time
 * for each answer, and the more the slower the server is. A thread that never sleeps costs both servers nothing.
 */
function stayAwake(wanted: () => boolean): void {
  if (wanted()) setImmediate(() => stayAwake(wanted))
}

/** A request that finds no free connection waits, and the wait counts: the server made it. */
async function atRate(target: Target, perSecond: number): Promise<Outcome> {
  const total = Math.floor((target.durationMs / 1000) * perSecond)
  const latenciesMs: number[] = []
  const due = new Map<Connection, number>()
  const free: Connection[] = []
  const failure = Promise.withResolvers<never>()
  const finished = Promise.withResolvers<void>()
  const open = await openConnections(
    { ...target, statuses: given.statuses },
    {
      answered(connection) {
        latenciesMs.push(performance.now() - (due.get(connection) ?? 0))
        free.push(connection)
        if (latenciesMs.length === total) finished.resolve()
      },
      failed: failure.reject,
    },
  )
  free.push(...open)
  try {
    return await measured(async () => {
      const start = performance.now()
      let sent = 0
      const tick = (): void => {
        const now = performance.now()
        while (sent < total && free.length > 0 && start + (sent * 1000) / perSecond <= now) {
          const connection = free.shift()
          if (!connection) break
          due.set(connection, start + (sent * 1000) / perSecond)
          sent += 1
          connection.send(anyRequest())
        }
        if (sent < total) again(start + (sent * 1000) / perSecond - now, tick)
      }
      tick()
      await Promise.race([finished.promise, failure.promise, tooLate(target.durationMs * 3 + 5_000)])
      return { answers: latenciesMs.length, latenciesMs }
    })
  } finally {
    for (const connection of open) connection.close()
  }
}

/** Timers tick once a millisecond: too coarse for the last of a wait. Spinning through all of it would take a core away. */
function again(waitMs: number, tick: () => void): void {
  if (waitMs > longWaitMs) setTimeout(tick, waitMs - longWaitMs / 2)
  else setImmediate(tick)
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}

async function tooLate(ms: number): Promise<never> {
  await new Promise((resolve) => setTimeout(resolve, ms).unref())
  throw new Error("the server does not keep up with the rate")
}

parentPort?.on("message", (order: Order) => {
  const outcome = order.kind === "saturate" ? saturate(order.target) : atRate(order.target, order.perSecond)
  const report = (message: Report): void => parentPort?.postMessage(message)
  outcome.then(
    (done) => report({ outcome: done }),
    (error: unknown) => report({ failure: error instanceof Error ? error.message : String(error) }),
  )
})
