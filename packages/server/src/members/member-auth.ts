/** better-auth's routes, asked as a browser asks them; refusals come back as our errors. */
import type { Config } from "../config.ts"
import type { Services } from "../services.ts"
import type { Library } from "./better-auth.ts"
import { refusalOf } from "./auth-refusals.ts"
import type { Visitor } from "./visitor.ts"

export interface AuthRequest {
  readonly method: "GET" | "POST"
  /** Below `/api/auth`, e.g. `/sign-in/email`. */
  readonly path: string
  readonly body?: unknown
  readonly from: Visitor
}

export interface AuthAnswer {
  /** JSON. */
  readonly text: string
  /** `Set-Cookie` headers, to be passed on as they are. */
  readonly setCookies: readonly string[]
}

/** @throws SIGN_IN_REFUSED, UNAUTHORIZED, INVALID_REQUEST */
export type MemberAuth = (request: AuthRequest) => Promise<AuthAnswer>

type Dependencies = Pick<Services, "storage" | "clock" | "log" | "signInSecret"> & { readonly config: Config }

export function createMemberAuth(deps: Dependencies): MemberAuth {
  let library: Promise<Library> | undefined
  const load = () => {
    library ??= loadLibrary(deps).catch((error: unknown) => {
      library = undefined
      throw error
    })
    return library
  }
  return async (request) => {
    const ask = await load()
    const answer = await ask(await toRequest(deps.config.publicUrl, request))
    const text = await answer.text()
    if (!answer.ok) throw refusalOf(answer.status, text)
    return { text, setCookies: answer.headers.getSetCookie() }
  }
}

async function loadLibrary({ clock, config, log, signInSecret, storage }: Dependencies): Promise<Library> {
  const [{ createLibrary }, secret] = await Promise.all([import("./better-auth.ts"), signInSecret()])
  return createLibrary({ publicUrl: config.publicUrl, secret, storage, log, now: () => clock.now() })
}

async function toRequest(publicUrl: string, { body, from, method, path }: AuthRequest): Promise<Request> {
  const { addressHeader } = await import("./better-auth.ts")
  const headers = new Headers({ [addressHeader]: from.address })
  if (from.cookie !== undefined) headers.set("cookie", from.cookie)
  if (from.userAgent !== undefined) headers.set("user-agent", from.userAgent.slice(0, 300))
  if (method === "GET") return new Request(`${publicUrl}/api/auth${path}`, { headers })
  headers.set("content-type", "application/json")
  return new Request(`${publicUrl}/api/auth${path}`, { method, headers, body: JSON.stringify(body ?? {}) })
}
