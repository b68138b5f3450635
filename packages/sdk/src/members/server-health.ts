import { checkServerUrl } from "./check-server-url.ts"
import { exchange, type MembersConfig } from "./send.ts"

export interface ServerHealth {
  /** The process answers. */
  readonly up: boolean
  /** Its database is reachable and its keys are usable. */
  readonly ready: boolean
  /** By its `Date` header, in milliseconds since the epoch; null when it sends none. */
  readonly serverTimeMs: number | null
}

/** @throws GrantryError without a status when nothing answers at the address */
export async function readServerHealth(
  config: Pick<MembersConfig, "serverUrl" | "fetch" | "timeoutMs">,
): Promise<ServerHealth> {
  const base = checkServerUrl(config.serverUrl)
  const alive = await exchange(config, `${base}/healthz`, {})
  const ready = await exchange(config, `${base}/readyz`, {})
  const serverTimeMs = Date.parse(ready.response.headers.get("date") ?? "")
  return {
    up: alive.response.ok && alive.data !== undefined,
    ready: ready.response.ok && ready.data !== undefined,
    serverTimeMs: Number.isNaN(serverTimeMs) ? null : serverTimeMs,
  }
}
