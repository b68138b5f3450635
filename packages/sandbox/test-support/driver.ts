/** Drives an emulated provider over HTTP, as a client that was written from the provider's documentation would. */
import { builtInDefinitions } from "@grantry/catalog"
import type { ConsentChoice } from "../src/consent.ts"
import { consent } from "../src/consent.ts"
import { sandboxClient } from "../src/oauth-client.ts"
import type { SandboxClock } from "../src/sandbox-clock.ts"
import { createSandboxClock } from "../src/sandbox-clock.ts"
import type { SandboxOptions } from "../src/sandbox-plugin.ts"
import { createSandboxServer } from "../src/sandbox-server.ts"
import { sandboxUrl } from "../src/sandbox-url.ts"

/** As long as the strictest provider asks for. */
export const state = "state-0123456789abcdef"

export const redirectUri = "https://app.example/api/external-auth/callback/context-1"

export type Json = Readonly<Record<string, unknown>>

export interface Answer {
  readonly status: number
  readonly headers: Headers
  readonly text: string
  /** Empty where the body is no JSON object. */
  readonly json: Json
}

export interface Driver {
  readonly origin: string
  readonly clock: SandboxClock
  readonly close: () => Promise<void>
  readonly at: (type: string, url: string) => URL
  readonly call: (type: string, url: string, init?: RequestInit) => Promise<Answer>
  readonly post: (
    type: string,
    url: string,
    form: Readonly<Record<string, string>>,
    headers?: HeadersInit,
  ) => Promise<Answer>
  /** The code that comes back for an authorization request with these parameters. */
  readonly code: (
    type: string,
    url: string,
    params: Readonly<Record<string, string>>,
    choice?: ConsentChoice,
  ) => Promise<string>
  readonly callback: (
    type: string,
    url: string,
    params: Readonly<Record<string, string>>,
    choice?: ConsentChoice,
  ) => Promise<URL>
  readonly control: (path: string, body?: unknown) => Promise<Answer>
}

export async function startDriver(options: Partial<SandboxOptions> = {}): Promise<Driver> {
  const clock = options.clock ?? createSandboxClock(() => Date.UTC(2026, 0, 1))
  const server = createSandboxServer({ catalog: builtInDefinitions, ...options, clock })
  const origin = await server.listen()
  const at = (type: string, url: string) => sandboxUrl(origin, type, new URL(url))
  const call = async (type: string, url: string, init: RequestInit = {}) =>
    read(await fetch(at(type, url), { redirect: "manual", ...init }))
  const callback: Driver["callback"] = (type, url, params, choice) =>
    consent(fetch, authorization(at(type, url), type, params), choice)
  return {
    origin,
    clock,
    close: server.close,
    at,
    call,
    post: (type, url, form, headers = {}) =>
      call(type, url, { method: "POST", body: new URLSearchParams(form), headers }),
    callback,
    code: async (...asked) => (await callback(...asked)).searchParams.get("code") ?? "",
    control: async (path, body) => {
      const post = {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify(body),
      }
      return read(await fetch(`${origin}/sandbox/_control/${path}`, body === undefined ? {} : post))
    },
  }
}

export function authorization(url: URL, type: string, params: Readonly<Record<string, string>>): URL {
  const all = {
    client_id: sandboxClient(type).clientId,
    redirect_uri: redirectUri,
    state,
    ...params,
  }
  for (const [name, value] of Object.entries(all)) if (value !== "") url.searchParams.set(name, value)
  return url
}

async function read(response: Response): Promise<Answer> {
  const text = await response.text()
  const isJson = response.headers.get("content-type")?.includes("json") === true
  const parsed: unknown = isJson && /^\s*[[{]/.test(text) ? safely(text) : {}
  const json = typeof parsed === "object" && parsed !== null ? { ...parsed } : {}
  return { status: response.status, headers: response.headers, text, json }
}

function safely(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    return {}
  }
}

export function basic(type: string): { authorization: string } {
  const { clientId, clientSecret } = sandboxClient(type)
  return { authorization: `Basic ${Buffer.from(`${clientId}:${clientSecret}`).toString("base64")}` }
}

export function inBody(type: string): { client_id: string; client_secret: string } {
  const { clientId, clientSecret } = sandboxClient(type)
  return { client_id: clientId, client_secret: clientSecret }
}

export function bearer(token: unknown): { authorization: string } {
  return { authorization: `Bearer ${String(token)}` }
}

export const verifier = "a".repeat(43)
/** BASE64URL(SHA-256(verifier)), computed apart from the code under test. */
export const challenge = "ZtNPunH49FD35FWYhT5Tv8I7vRKQJ8uxMaL0_9eHjNA"
