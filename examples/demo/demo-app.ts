/** What the steps work with: an app of the owner's, the SDK that the app's backend uses, and the owner's own calls. */
import { createClient, type GrantryClient } from "@grantry/sdk"
import { sandboxUrl } from "@grantry/sandbox"
import type { DemoServer } from "./demo-server.ts"
import type { Narrator } from "./narrator.ts"

export interface DemoApp {
  readonly id: string
  readonly name: string
  readonly serviceKey: string
}

export interface Demo {
  readonly app: DemoApp
  readonly say: Narrator
  readonly signal: AbortSignal
  /** The SDK as the app's backend uses it. */
  readonly grantry: GrantryClient
  /** A call of the owner's, e.g. from the dashboard. @throws when it is refused */
  owner(
    method: "GET" | "POST" | "PUT" | "DELETE",
    path: string,
    body?: unknown,
  ): Promise<Record<string, unknown>>
  /** Status of a call to a service's own API, which the sandbox answers in its place. */
  callService(type: string, url: string, accessToken: string): Promise<number>
}

interface Setting {
  readonly server: DemoServer
  readonly say: Narrator
  readonly signal: AbortSignal
}

const appName = "Team planner"

export async function createDemoApp({ server, say, signal }: Setting): Promise<Demo> {
  const owner: Demo["owner"] = (method, path, body) =>
    sendJson(new URL(path, server.url), { method, body, signal, apiKey: server.apiKey })
  const id = textOf(await owner("POST", "/api/apps", { name: appName }), "id")
  const key = textOf(await owner("POST", `/api/apps/${id}/service-keys`, { name: "demo" }), "key")
  return {
    app: { id, name: appName, serviceKey: key },
    say,
    signal,
    grantry: createClient({ serverUrl: server.url, appId: id, serviceToken: key, timeoutMs: 10_000 }),
    owner,
    async callService(type, url, accessToken) {
      const headers = { authorization: `Bearer ${accessToken}` }
      const response = await fetch(sandboxUrl(server.url, type, new URL(url)), { headers, signal })
      await response.body?.cancel()
      return response.status
    },
  }
}

interface Sending {
  readonly method: string
  readonly body: unknown
  readonly apiKey: string
  readonly signal: AbortSignal
}

async function sendJson(url: URL, sending: Sending): Promise<Record<string, unknown>> {
  const { apiKey, body, method, signal } = sending
  const response = await fetch(url, {
    method,
    signal,
    headers: { api_key: apiKey, ...(body !== undefined && { "content-type": "application/json" }) },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  })
  const answer = (await response.json()) as Record<string, unknown>
  if (response.ok) return answer
  throw new Error(`${method} ${url.pathname} answered ${response.status}: ${String(answer["detail"])}`)
}

/** @throws when the answer holds no such text */
export function textOf(answer: Readonly<Record<string, unknown>>, name: string): string {
  const value = answer[name]
  if (typeof value === "string") return value
  throw new Error(`the answer holds no ${name}: ${Object.keys(answer).join(", ")}`)
}
