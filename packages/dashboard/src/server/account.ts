import { queryOptions } from "@tanstack/react-query"
import { server } from "./client.ts"

export interface NamedSession {
  readonly id: string
  readonly token: string
  readonly createdAt: string
  readonly updatedAt: string
  readonly ipAddress?: string | null
  readonly userAgent?: string | null
}

export const sessionsKey = ["session", "all"] as const

export const sessionsQuery = queryOptions({
  queryKey: sessionsKey,
  queryFn: () => server.send<readonly NamedSession[]>({ method: "GET", path: ["auth", "list-sessions"] }),
})

function post(name: string, body: unknown): Promise<unknown> {
  return server.send({ method: "POST", path: ["auth", name], body })
}

export function rename(name: string): Promise<unknown> {
  return post("update-user", { name })
}

export function changePassword(currentPassword: string, newPassword: string): Promise<unknown> {
  return post("change-password", { currentPassword, newPassword })
}

export function endSession(token: string): Promise<unknown> {
  return post("revoke-session", { token })
}

export function endOtherSessions(): Promise<unknown> {
  return post("revoke-other-sessions", {})
}
