/** Members who signed in: by a session's cookie in the browser, by a device login's token in the terminal. */
import type { IncomingHttpHeaders } from "node:http"
import { sha256Text } from "../random.ts"
import type { Storage } from "../storage/storage.ts"
import type { MemberCaller } from "./caller.ts"
import { hashKey, hasValidChecksum } from "./keys.ts"
import { readSessionToken, sessionCookieOf } from "./session-cookie.ts"

/** Before a session's cookie in what is looked up, so that it is never taken for a key. */
const cookieMark = "session "
const accessPrefix = "gat_"
const maxLength = 512

export interface SignedIn {
  readonly caller: MemberCaller
  /** By the server's clock; the caller is nobody from then on. */
  readonly expiresAtMs: number
}

export interface SignIns {
  /** What the request presents; a bearer or key wins over the cookie, so that no request has two callers. */
  presented(headers: IncomingHttpHeaders): string | undefined
  /** Whether this came from `presented`. */
  owns(presented: string): boolean
  find(presented: string): Promise<SignedIn | undefined>
}

export interface SignInDependencies {
  readonly storage: Pick<Storage, "accounts" | "devices" | "signIns">
  readonly clock: { now(): number }
  /** Signs the cookies; read when the first one comes. */
  readonly secret: () => Promise<string>
  readonly isSecure: () => boolean
}

export function createSignIns(deps: SignInDependencies): SignIns {
  return {
    presented(headers) {
      const { authorization, cookie } = headers
      const bearer = authorization?.startsWith("Bearer ") ? authorization.slice(7) : undefined
      if (bearer?.startsWith(accessPrefix) === true) return bearer.length <= maxLength ? bearer : undefined
      if (authorization !== undefined || headers["api_key"] !== undefined) return undefined
      const value = sessionCookieOf(cookie, deps.isSecure())
      return value !== undefined && value.length <= maxLength ? cookieMark + value : undefined
    },
    owns: (presented) => presented.startsWith(cookieMark) || presented.startsWith(accessPrefix),
    find: (presented) =>
      presented.startsWith(cookieMark)
        ? findSession(deps, presented.slice(cookieMark.length))
        : findDeviceLogin(deps, presented),
  }
}

async function findSession(deps: SignInDependencies, cookie: string): Promise<SignedIn | undefined> {
  const token = readSessionToken(cookie, await deps.secret())
  if (token === undefined) return undefined
  const session = await deps.storage.signIns.findSession(sha256Text(token))
  // Sessions are dated by better-auth, which knows real time only; the development clock may be ahead of it.
  if (!session || session.expiresAt <= Date.now()) return undefined
  return { caller: await callerOf(deps, session.memberId), expiresAtMs: Number.POSITIVE_INFINITY }
}

async function findDeviceLogin(deps: SignInDependencies, token: string): Promise<SignedIn | undefined> {
  if (!hasValidChecksum(token)) return undefined
  const found = await deps.storage.devices.findToken(hashKey(token))
  if (found?.kind !== "access" || found.expiresAt <= deps.clock.now()) return undefined
  return { caller: await callerOf(deps, found.login.memberId), expiresAtMs: found.expiresAt }
}

async function callerOf({ storage }: SignInDependencies, memberId: string): Promise<MemberCaller> {
  const workspaces = await storage.accounts.listWorkspaces(memberId)
  return {
    kind: "member",
    memberId,
    workspaces: workspaces.map(({ id, role }) => ({ workspaceId: id, role })),
    actor: `member:${memberId}`,
  }
}
