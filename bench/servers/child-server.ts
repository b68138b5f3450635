/** A server in a process of its own: started, asked what it has used, stopped by its process id. */
import { type ChildProcess, spawn } from "node:child_process"
import { once } from "node:events"
import { readFileSync } from "node:fs"
import { join } from "node:path"
import type { Ask, Usage } from "./usage.ts"

const root = join(import.meta.dirname, "../..")
const startDeadlineMs = 20_000
const stopDeadlineMs = 10_000
const answerDeadlineMs = 5_000

export interface ChildServer {
  readonly port: number
  /** From the moment of the spawn until the server said where it listens. */
  readonly announcedAfterMs: number
  usage(): Promise<Usage>
  stop(): Promise<void>
}

export interface ChildOptions {
  readonly env: Readonly<Record<string, string>>
  /** Whether usage can be asked for; starts are measured without. */
  readonly measured: boolean
  /** For a look with a profiler. */
  readonly nodeFlags?: readonly string[]
}

/** As `npm start` does, with its flags. */
export function startGrantry(options: ChildOptions): Promise<ChildServer> {
  return startChild(startCommand(), options)
}

function startCommand(): readonly string[] {
  const { scripts } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as {
    scripts: { start: string }
  }
  const [node, ...rest] = scripts.start.split(" ")
  if (node !== "node") throw new Error(`npm start does not run node: ${scripts.start}`)
  return rest
}

export function startBare(options: ChildOptions): Promise<ChildServer> {
  return startChild(["bench/servers/bare-server.mjs"], options)
}

export function startSelect(options: ChildOptions): Promise<ChildServer> {
  return startChild(["bench/servers/select-server.mjs"], options)
}

async function startChild(command: readonly string[], options: ChildOptions): Promise<ChildServer> {
  const preload = options.measured ? ["--import", "./bench/servers/report-usage.mjs"] : []
  const startedAt = performance.now()
  const child = spawn(process.execPath, [...preload, ...(options.nodeFlags ?? []), ...command], {
    cwd: root,
    env: { ...options.env },
    stdio: ["ignore", "ignore", "pipe", options.measured ? "ipc" : "ignore"],
  })
  // Whatever ends this process ends its servers.
  const kill = (): void => void child.kill("SIGKILL")
  process.once("exit", kill)
  child.once("exit", () => process.off("exit", kill))
  try {
    const port = await announcedPort(child)
    const announcedAfterMs = performance.now() - startedAt
    return { port, announcedAfterMs, usage: () => askUsage(child), stop: () => stopChild(child) }
  } catch (error) {
    child.kill("SIGKILL")
    throw error
  }
}

async function announcedPort(child: ChildProcess): Promise<number> {
  let said = ""
  const timeout = AbortSignal.timeout(startDeadlineMs)
  return new Promise((resolve, reject) => {
    const fail = (): void => reject(new Error(`a server did not start: ${said}`))
    timeout.addEventListener("abort", fail)
    child.once("exit", fail)
    child.stderr?.on("data", (chunk: Buffer) => {
      said += chunk.toString()
      const port = /listens at http:\/\/[^:\s]+:(\d+)/.exec(said)?.[1]
      if (port !== undefined) resolve(Number(port))
    })
  })
}

async function askUsage(child: ChildProcess): Promise<Usage> {
  const answer = once(child, "message", { signal: AbortSignal.timeout(answerDeadlineMs) })
  const ask: Ask = "usage"
  child.send(ask)
  const [usage] = (await answer) as [Usage]
  return usage
}

async function stopChild(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const exited = once(child, "exit")
  child.kill("SIGTERM")
  const timer = setTimeout(() => child.kill("SIGKILL"), stopDeadlineMs)
  await exited
  clearTimeout(timer)
}
