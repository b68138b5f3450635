/** Forms of our own pages: filled in here, in this browser, and not sent by another site. */
import type { FastifyReply, FastifyRequest } from "fastify"
import { authorizationRefused } from "../authorization/refusals.ts"
import type { BrowserBinding } from "./browser-binding.ts"
import { isFromElsewhere } from "./browser-request.ts"

export interface OwnForms {
  /** What a form for this purpose has to carry; binds the browser where it is not bound yet. */
  token(request: FastifyRequest, reply: FastifyReply, purpose: string): string
  /** @throws AUTHORIZATION_REFUSED */
  require(request: FastifyRequest, purpose: string): void
}

export function ownForms(binding: BrowserBinding, config: { readonly publicUrl: string }): OwnForms {
  /** A page with several forms binds the browser once. */
  const bound = new WeakMap<FastifyRequest, string>()
  return {
    token(request, reply, purpose) {
      const secret = bound.get(request) ?? binding.bind(request, reply)
      bound.set(request, secret)
      return binding.csrfToken(secret, purpose)
    },
    require(request, purpose) {
      const secret = binding.read(request)
      const given = field(request, "csrf")
      if (isFromElsewhere(request, config.publicUrl) || secret === undefined) throw notOurs(config)
      if (!binding.isCsrfToken(given, secret, purpose)) throw notOurs(config)
    },
  }
}

/** One value of a form; empty where it is missing or was sent twice. */
export function field(request: FastifyRequest, name: string): string {
  const { body } = request
  if (typeof body !== "object" || body === null || !(name in body)) return ""
  const value = (body as Readonly<Record<string, unknown>>)[name]
  return typeof value === "string" ? value : ""
}

function notOurs({ publicUrl }: { readonly publicUrl: string }) {
  return authorizationRefused(
    `This form was not sent from its own page. Open the page again in this browser, at ${publicUrl}, with cookies allowed.`,
  )
}
