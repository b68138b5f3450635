/** The server as its users run it, as a process of its own, with everything it stores in a folder that is deleted. */
import { spawn, type ChildProcess } from "node:child_process"
import { randomBytes } from "node:crypto"
import { once } from "node:events"
import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"

export interface DemoServer {
  readonly url: string
  /** A workspace API key, valid from the first start. */
  readonly apiKey: string
  /** Ends the process and deletes everything that it stored. */
  stop(): Promise<void>
}

const serverFile = join(import.meta.dirname, "../../packages/server/src/main.ts")
const gracePeriodMs = 5_000

export async function startDemoServer(signal: AbortSignal): Promise<DemoServer> {
  const apiKey = `b44k_${randomBytes(32).toString("base64url")}`
  const dataDir = await mkdtemp(join(tmpdir(), "grantry-demo-"))
  const child = spawn(process.execPath, ["--conditions=grantry-source", serverFile], {
    env: {
      ...ownEnvironment(),
      GRANTRY_PORT: "0",
      GRANTRY_DATA_DIR: dataDir,
      GRANTRY_BOOTSTRAP_API_KEY: apiKey,
      GRANTRY_LOG_LEVEL: "error",
    },
    stdio: ["ignore", "inherit", "pipe"],
  })
  const stop = async (): Promise<void> => {
    await end(child)
    await rm(dataDir, { recursive: true, force: true })
  }
  try {
    return { url: await announcedUrl(child, signal), apiKey, stop }
  } catch (error) {
    await stop()
    throw error
  }
}

/** Whatever is configured for another server must not reach this one. */
function ownEnvironment(): NodeJS.ProcessEnv {
  const others = Object.entries(process.env).filter(
    ([name]) => !name.startsWith("GRANTRY_") && name !== "NODE_ENV" && name !== "NODE_OPTIONS",
  )
  return Object.fromEntries(others)
}

/** The server says on its standard error where it listens. */
async function announcedUrl(child: ChildProcess, signal: AbortSignal): Promise<string> {
  const { stderr } = child
  if (!stderr) throw new Error("the server has no standard error")
  return new Promise((resolve, reject) => {
    let said = ""
    signal.addEventListener("abort", () => reject(signal.reason), { once: true })
    child.once("error", reject)
    child.once("exit", (code) => reject(new Error(`the server ended with code ${code}: ${said.trim()}`)))
    stderr.setEncoding("utf8").on("data", (text: string) => {
      said += text
      const url = /Grantry listens at (\S+)\s/.exec(said)?.[1]
      if (url !== undefined) resolve(url)
    })
  })
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return
  const exited = once(child, "exit")
  child.kill("SIGTERM")
  const giveUp = setTimeout(() => child.kill("SIGKILL"), gracePeriodMs)
  await exited
  clearTimeout(giveUp)
}
