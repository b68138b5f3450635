/** On the server's own machine: its configuration, and whether it serves. */
import { GrantryError, readServerHealth } from "@grantry/sdk/members"
import type { Finding } from "@grantry/server"
import { type Environment, textOf } from "../environment.ts"

export async function inspectHere(env: Environment): Promise<readonly Finding[]> {
  const { inspectConfiguration } = await import("@grantry/server")
  return [...(await inspectConfiguration(env)), await inspectProcess(env)]
}

async function inspectProcess(env: Environment): Promise<Finding> {
  const check = "server"
  const serverUrl = `http://127.0.0.1:${textOf(env, "GRANTRY_PORT") ?? "4545"}`
  try {
    const { ready, up } = await readServerHealth({ serverUrl, timeoutMs: 5_000 })
    if (up && ready) return { check, status: "ok", detail: `serves at ${serverUrl}` }
    const fix = "Its log says why; most often the database is away."
    return { check, status: "failed", detail: `${serverUrl} answers and is not ready`, fix }
  } catch (error) {
    if (!(error instanceof GrantryError || error instanceof TypeError)) throw error
    return { check, status: "skipped", detail: `nothing serves at ${serverUrl}; start it with grantry serve` }
  }
}
