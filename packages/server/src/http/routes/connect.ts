/** The person's way through an authorization: connect page, callback, the question about another account. */
import type {} from "@fastify/swagger"
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify"
import {
  answerReplacement,
  complete,
  openConnectPage,
  sendToProvider,
  type WayBack,
} from "../../authorization/index.ts"
import { authorizationRefused } from "../../authorization/refusals.ts"
import { GrantryError } from "../../errors.ts"
import type { Services } from "../../services.ts"
import type { BrowserBinding } from "../browser-binding.ts"
import { connectedPage, connectPage, failedPage, replacePage, verifyPage } from "../pages/connect-page.ts"
import { sendPage } from "../pages/layout.ts"
import { asPage, sendErrorPage } from "../as-page.ts"
import { isFromElsewhere, isPrefetch, singleValued } from "../browser-request.ts"

const page = { caller: "page" as const }
type AttemptParams = { Params: { attempt: string }; Body: Record<string, unknown> | undefined }

export function connectRoutes(app: FastifyInstance, services: Services, binding: BrowserBinding): void {
  app.get<AttemptParams>(
    "/connect/:attempt",
    { config: page, exposeHeadRoute: false, schema: { hide: true } },
    (request, reply) =>
      onConnectPage(request, reply, async () => showConnectPage(services, binding, request, reply)),
  )
  app.post<AttemptParams>("/connect/:attempt", { config: page, schema: { hide: true } }, (request, reply) =>
    onConnectPage(request, reply, async () => goToProvider(services, binding, request, reply)),
  )
  app.post<AttemptParams>(
    "/connect/:attempt/replace",
    { config: page, schema: { hide: true } },
    (request, reply) =>
      onConnectPage(request, reply, async () => {
        const secret = requireOwnForm(services, binding, request)
        const replace = request.body?.["answer"] === "replace"
        const ending = await answerReplacement(services, request.params.attempt, secret, replace)
        return ending.kind === "connected"
          ? sendPage(reply, connectedPage(ending))
          : sendFailure(request, reply, ending.error, ending.back)
      }),
  )
  app.route<{ Params: { context: string } }>({
    method: ["GET", "HEAD"],
    url: "/api/external-auth/callback/:context",
    config: page,
    schema: { hide: true },
    handler: (request, reply) =>
      onConnectPage(request, reply, async () => receiveCallback(services, binding, request, reply)),
  })
}

/** Errors of these routes are read by a person. */
function onConnectPage(
  request: FastifyRequest,
  reply: FastifyReply,
  work: () => Promise<FastifyReply>,
): Promise<FastifyReply> {
  return asPage(request, reply, work, (error) => failedPage(error, request.id, null))
}

function sendFailure(
  request: FastifyRequest,
  reply: FastifyReply,
  error: unknown,
  back: WayBack | null,
): FastifyReply {
  return sendErrorPage(request, reply, { error, show: (known) => failedPage(known, request.id, back) })
}

async function showConnectPage(
  services: Services,
  binding: BrowserBinding,
  request: FastifyRequest<AttemptParams>,
  reply: FastifyReply,
  refused: { readonly problem: string; readonly given: Readonly<Record<string, string>> } | null = null,
): Promise<FastifyReply> {
  const view = await openConnectPage(services, request.params.attempt, refused?.given)
  const secret = binding.bind(request, reply)
  return sendPage(
    reply,
    connectPage(view, binding.csrfToken(secret, view.attemptId), view.formTargets, refused?.problem ?? null),
  )
}

async function goToProvider(
  services: Services,
  binding: BrowserBinding,
  request: FastifyRequest<AttemptParams>,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const secret = requireOwnForm(services, binding, request)
  const given = configValues(request.body ?? {})
  try {
    const url = await sendToProvider(services, request.params.attempt, secret, given)
    return reply
      .header("referrer-policy", "no-referrer")
      .header("cache-control", "no-store")
      .redirect(url.href, 303)
  } catch (error) {
    if (!(error instanceof GrantryError) || error.code !== "INVALID_REQUEST") throw error
    return showConnectPage(services, binding, request, reply, { problem: error.message, given })
  }
}

function configValues(body: Readonly<Record<string, unknown>>): Record<string, string> {
  const values: Record<string, string> = {}
  for (const [name, value] of Object.entries(body)) {
    if (name.startsWith("config.") && typeof value === "string") values[name.slice(7)] = value.trim()
  }
  return values
}

/** The form was filled in here, in this browser: not sent by another site. */
function requireOwnForm(
  services: Services,
  binding: BrowserBinding,
  request: FastifyRequest<AttemptParams>,
): string {
  const own = new URL(services.config.publicUrl).origin
  const secret = binding.read(request)
  const foreign = isFromElsewhere(request, own)
  if (
    foreign ||
    secret === undefined ||
    !binding.isCsrfToken(request.body?.["csrf"], secret, request.params.attempt)
  ) {
    throw authorizationRefused(
      `This form was not sent from its own page. Open the link again in this browser, at ${own}, with cookies allowed.`,
    )
  }
  return secret
}

async function receiveCallback(
  services: Services,
  binding: BrowserBinding,
  request: FastifyRequest<{ Params: { context: string } }>,
  reply: FastifyReply,
): Promise<FastifyReply> {
  // Whoever only looks must not use up the attempt (RFC 9110 section 9.3.2).
  if (request.method === "HEAD" || isPrefetch(request))
    return reply.code(204).header("cache-control", "no-store").send()
  const params = singleValued(request.url)
  if (params["access_token"] !== undefined)
    throw authorizationRefused("The callback carried an access token in its address.")
  const browserSecret = binding.read(request)
  const completion = await complete(services, { context: request.params.context, params, browserSecret })
  switch (completion.kind) {
    case "connected":
      return sendPage(reply, connectedPage(completion))
    case "confirm_account":
      return sendPage(
        reply,
        replacePage(completion, binding.csrfToken(browserSecret ?? "", completion.attemptId)),
      )
    case "verify_user":
      return sendPage(reply, verifyPage(completion))
    case "failed":
      return sendFailure(request, reply, completion.error, completion.back)
  }
}
