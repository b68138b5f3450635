/** A replica in a process of its own, as a test sees it. */
import { type ChildProcess, fork } from "node:child_process"
import { once } from "node:events"
import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { plantEnvironment } from "./canaries/planted.ts"
import { expectNoSecret, processArguments, readFolder } from "./canaries/sinks.ts"
import type { ReplicaMessage, ReplicaProcessInput } from "./replica-process.ts"
import { moveClock } from "./sandbox.ts"

export interface ChildReplica {
  readonly url: string
  readonly dataDir: string
  readonly pid: number
  /** Everything that it wrote to its outputs, over all its starts. */
  logged(): string
  /** Ends the process with this signal and waits until it is gone. @returns its exit code; null when it was killed */
  end(signal: "SIGKILL" | "SIGTERM"): Promise<number | null>
  signal(signal: "SIGSTOP" | "SIGCONT"): void
  /** Starts on the same data; the address changes. */
  start(env?: Readonly<Record<string, string>>): Promise<void>
  rssMb(): Promise<number>
  /** Moves its time, also of its later starts. */
  moveClock(ms: number): Promise<void>
  /** @throws Error when a secret is found where none may be */
  destroy(): Promise<void>
}

export interface ChildReplicaOptions {
  readonly env: Readonly<Record<string, string>>
  /** Origin of the providers. */
  readonly provider: string
  readonly clockAheadMs?: number
  readonly intervals?: ReplicaProcessInput["intervals"]
  readonly dataDir?: string
}

const program = join(import.meta.dirname, "replica-process.ts")

export async function startChildReplica(options: ChildReplicaOptions): Promise<ChildReplica> {
  const dataDir = options.dataDir ?? (await mkdtemp(join(tmpdir(), "grantry-replica-")))
  let child: ChildProcess
  let url = ""
  let log = ""
  let movedMs = 0

  async function start(env: Readonly<Record<string, string>> = {}): Promise<void> {
    const input: ReplicaProcessInput = {
      env: { GRANTRY_PORT: "0", GRANTRY_DATA_DIR: dataDir, ...options.env, ...env },
      sandbox: options.provider,
      ...(options.clockAheadMs !== undefined && { clockAheadMs: options.clockAheadMs }),
      ...(options.intervals !== undefined && { intervals: options.intervals }),
    }
    plantEnvironment(input.env)
    const started = fork(program, [], {
      env: {
        // Not an argument: everybody on the machine sees those, and it holds keys.
        REPLICA_INPUT: JSON.stringify(input),
        // What one replica compiled, the next one need not.
        NODE_COMPILE_CACHE: join(tmpdir(), "grantry-test-compiled"),
      },
      execArgv: ["--conditions=grantry-source", "--max-semi-space-size=4", "--expose-gc"],
      stdio: ["ignore", "pipe", "pipe", "ipc"],
    })
    child = started
    for (const output of [started.stdout, started.stderr])
      output?.on("data", (chunk: Buffer) => (log += chunk.toString()))
    const message = await answerOf(started, () => log)
    if (!("url" in message)) throw new Error("the replica did not say where it listens")
    url = message.url
    if (movedMs > 0) await moveClock(url, movedMs)
  }

  const isRunning = (): boolean => child.exitCode === null && child.signalCode === null

  async function end(signal: "SIGKILL" | "SIGTERM"): Promise<number | null> {
    if (!isRunning()) return child.exitCode
    const exited = once(child, "exit")
    child.kill(signal)
    const [code] = (await exited) as [number | null]
    return code
  }

  await start()
  return {
    get url() {
      return url
    },
    get pid() {
      return child.pid ?? 0
    },
    dataDir,
    logged: () => log,
    end,
    signal: (signal) => void child.kill(signal),
    start,
    async rssMb() {
      child.send("memory")
      const message = await answerOf(child, () => log)
      return "rssBytes" in message ? message.rssBytes / 1e6 : Number.NaN
    },
    async moveClock(ms) {
      movedMs += ms
      if (isRunning()) await moveClock(url, ms)
    },
    async destroy() {
      const processes = processArguments()
      await end("SIGKILL")
      const files = await readFolder(dataDir)
      if (options.dataDir === undefined) await rm(dataDir, { recursive: true, force: true })
      expectNoSecret(...files, ...processes, { name: "log", content: log })
    },
  }
}

async function answerOf(child: ChildProcess, logged: () => string): Promise<ReplicaMessage> {
  const ended = once(child, "exit").then(() => Promise.reject(new Error(`the replica ended: ${logged()}`)))
  const [message] = (await Promise.race([once(child, "message"), ended])) as [ReplicaMessage]
  return message
}
