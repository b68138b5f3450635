/** Refuses text that cannot be kept as it was sent: PostgreSQL takes no U+0000, and half a surrogate pair has no UTF-8. */
import type { FastifyInstance } from "fastify"
import { GrantryError } from "../errors.ts"

export function registerTextCheck(app: FastifyInstance): void {
  app.addHook("preValidation", (request, _reply, done) => {
    const { body, params, query } = request
    // Neither can stand in an address unescaped, and most addresses need no escapes.
    if (body === undefined && !request.url.includes("%")) return done()
    // Pages show what is wrong with a form themselves, and a provider's words are scrubbed.
    const isPage = request.routeOptions.config.caller === "page"
    const field = unstorableField(isPage ? { params } : { params, querystring: query, body })
    done(field === undefined ? undefined : refusal(field))
  })
}

function refusal(field: string): GrantryError {
  const message = `${field} holds a character that cannot be stored: U+0000 or half of a surrogate pair.`
  return new GrantryError("INVALID_REQUEST", 400, message)
}

/** Where the first such text is, e.g. `body.scopes.0`. Without recursion: a body may be nested as deep as it is long. */
export function unstorableField(parts: object): string | undefined {
  const waiting: (readonly [path: string, value: unknown])[] = Object.entries(parts)
  for (let next = waiting.pop(); next; next = waiting.pop()) {
    const [path, value] = next
    if (typeof value === "string" && !isStorable(value)) return path
    if (typeof value !== "object" || value === null) continue
    for (const [name, inner] of Object.entries(value)) {
      if (!isStorable(name)) return path
      waiting.push([`${path}.${name}`, inner])
    }
  }
  return undefined
}

function isStorable(text: string): boolean {
  return !text.includes("\0") && text.isWellFormed()
}
