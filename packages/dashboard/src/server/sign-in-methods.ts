import { queryOptions } from "@tanstack/react-query"
import { sessionsKey } from "./account.ts"
import { server } from "./client.ts"

export interface SignInMethods {
  readonly password: boolean
  readonly secondFactor: { readonly since: string } | null
  /** null: this server has no OpenID provider. */
  readonly openId: { readonly name: string; readonly linked: boolean } | null
}

/** The answers that hold these are the only ones: they are shown once. */
export interface PreparedSecondFactor {
  /** For the authenticator app, secret included. */
  readonly totpURI: string
  readonly backupCodes: readonly string[]
}

export const signInMethodsKey = ["session", "sign-in-methods"] as const

/** What a changed second factor makes untrue: the session is renewed with it. */
export const secondFactorChanges = [signInMethodsKey, sessionsKey]

export const signInMethodsQuery = queryOptions({
  queryKey: signInMethodsKey,
  queryFn: () => server.send<SignInMethods>({ method: "GET", path: ["auth", "sign-in-methods"] }),
})

function post<Answer>(path: readonly string[], body: unknown): Promise<Answer> {
  return server.send<Answer>({ method: "POST", path: ["auth", ...path], body })
}

export function prepareSecondFactor(password: string): Promise<PreparedSecondFactor> {
  return post(["two-factor", "enable"], { password })
}

export function turnOnSecondFactor(code: string): Promise<unknown> {
  return post(["two-factor", "confirm"], { code })
}

export function turnOffSecondFactor(password: string): Promise<unknown> {
  return post(["two-factor", "disable"], { password })
}

export function renewBackupCodes(password: string): Promise<Pick<PreparedSecondFactor, "backupCodes">> {
  return post(["two-factor", "generate-backup-codes"], { password })
}

/** @returns where the browser goes next: it comes back to the account's page */
export function beginLink(password: string | undefined): Promise<{ readonly url: string }> {
  return post(["oidc", "link"], { password })
}

export function unlink(): Promise<unknown> {
  return post(["oidc", "unlink"], {})
}
