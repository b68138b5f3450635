/** Sessions in memory: enough for an example. */
import { randomBytes } from "node:crypto"
import type { IncomingMessage } from "node:http"

export interface Sessions {
  /** The cookie that makes somebody this user. */
  begin(userId: string): string
  userOf(request: IncomingMessage): string | undefined
}

export function newSessions(): Sessions {
  const users = new Map<string, string>()
  return {
    begin(userId) {
      const id = randomBytes(32).toString("base64url")
      users.set(id, userId)
      return `session=${id}; HttpOnly; SameSite=Lax; Path=/`
    },
    userOf({ headers }) {
      const id = /(?:^|; )session=([\w-]+)/.exec(headers.cookie ?? "")?.[1]
      return id === undefined ? undefined : users.get(id)
    },
  }
}
