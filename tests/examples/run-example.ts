/** `examples/sandbox/run.ts`, as it is, in processes of its own. */
import { spawn } from "node:child_process"
import { once } from "node:events"
import { createServer } from "node:net"
import { join } from "node:path"

const root = join(import.meta.dirname, "../..")

export interface RunningExample {
  readonly said: () => string
  /** The exit code, once it has ended by itself. */
  readonly ended: Promise<number | null>
  /** Ends it; the exit code. */
  stop(): Promise<number | null>
}

/** @param isUp what it says as soon as it can be used; when absent, nothing is waited for */
export async function runExample(name: string, port: number, isUp?: RegExp): Promise<RunningExample> {
  const child = spawn(process.execPath, ["--conditions=grantry-source", "examples/sandbox/run.ts", name], {
    cwd: root,
    env: { PATH: process.env["PATH"], HOME: process.env["HOME"], PORT: String(port), NO_COLOR: "1" },
    stdio: ["ignore", "pipe", "pipe"],
  })
  let said = ""
  const ended = once(child, "exit").then(([code]: (number | null)[]) => code ?? null)
  await new Promise<void>((resolve, reject) => {
    if (isUp === undefined) resolve()
    else void ended.then(() => reject(new Error(`${name} ended: ${said}`)))
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8").on("data", (text: string) => {
        said += text
        if (isUp?.test(said)) resolve()
      })
    }
  })
  return {
    said: () => said,
    ended,
    stop: () => {
      child.kill("SIGTERM")
      return ended
    },
  }
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1")
  await once(server, "listening")
  const address = server.address()
  server.close()
  await once(server, "close")
  if (address === null || typeof address === "string") throw new Error("no port")
  return address.port
}
