/** Errors of these routes are read by a person. */
import type { FastifyReply, FastifyRequest } from "fastify"
import type { GrantryError } from "../errors.ts"
import { type Page, sendPage } from "./pages/layout.ts"
import { problemPage } from "./pages/problem-page.ts"
import { asGrantryError } from "./send-error.ts"

/** @param show the page for what was refused; the general one unless told */
export async function asPage(
  request: FastifyRequest,
  reply: FastifyReply,
  work: () => Promise<FastifyReply>,
  show: (error: GrantryError) => Page = (error) => problemPage(error, request.id),
): Promise<FastifyReply> {
  try {
    return await work()
  } catch (error) {
    return sendErrorPage(request, reply, { error, show })
  }
}

export function sendErrorPage(
  request: FastifyRequest,
  reply: FastifyReply,
  { error, show }: { readonly error: unknown; readonly show: (error: GrantryError) => Page },
): FastifyReply {
  const known = asGrantryError(error)
  if (known.status >= 500)
    request.log.error({ reqId: request.id, err: known.cause ?? error, code: known.code }, "a page failed")
  if (known.details.retryAfterS !== undefined) reply.header("retry-after", String(known.details.retryAfterS))
  return sendPage(reply, show(known))
}
