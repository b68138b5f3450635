/** The process itself, under the names that dashboards for Node.js know. */
import { monitorEventLoopDelay } from "node:perf_hooks"
import { version } from "../../version.ts"
import { type Family, gauge } from "./family.ts"

export interface ProcessGauges {
  families(): readonly Family[]
  close(): void
}

const nanosPerSecond = 1e9

export function watchProcess(): ProcessGauges {
  const startedAtS = Date.now() / 1000 - process.uptime()
  const loop = monitorEventLoopDelay({ resolution: 20 })
  loop.enable()
  return {
    families() {
      // Since the scrape before; without a sample yet all are zero.
      const lag = { max: loop.max, mean: loop.mean, p99: loop.percentile(99) }
      const seconds = (nanos: number) => (loop.count === 0 ? 0 : nanos / nanosPerSecond)
      const families = [
        gauge(
          "nodejs_eventloop_lag_max_seconds",
          "Longest event loop delay since the last scrape.",
          seconds(lag.max),
        ),
        gauge(
          "nodejs_eventloop_lag_mean_seconds",
          "Mean event loop delay since the last scrape.",
          seconds(lag.mean),
        ),
        gauge(
          "nodejs_eventloop_lag_p99_seconds",
          "99th percentile of the event loop delay since the last scrape.",
          seconds(lag.p99),
        ),
        ...usage(startedAtS),
      ]
      loop.reset()
      return families
    },
    close: () => void loop.disable(),
  }
}

function usage(startedAtS: number): readonly Family[] {
  const { heapTotal, heapUsed, rss } = process.memoryUsage()
  const { system, user } = process.cpuUsage()
  const labels = { version, node: process.version }
  return [
    gauge("grantry_build_info", "The running version.", [{ labels, value: 1 }]),
    {
      ...gauge("process_cpu_seconds_total", "CPU time of the process.", (user + system) / 1e6),
      type: "counter",
    },
    gauge("process_resident_memory_bytes", "Resident memory.", rss),
    gauge("process_start_time_seconds", "When the process started, in seconds since the epoch.", startedAtS),
    gauge("nodejs_heap_size_total_bytes", "Heap that V8 holds.", heapTotal),
    gauge("nodejs_heap_size_used_bytes", "Heap that is used.", heapUsed),
  ]
}
