/** Calls of an app's backend functions, passed on as they are: CONTRACT section 8. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify"
import { type Static, Type } from "typebox"
import { GrantryError } from "../../errors.ts"
import { forwardCall } from "../../functions/forward-call.ts"
import type { Services } from "../../services.ts"
import { errorAnswers } from "../schemas.ts"

const Params = Type.Object({ app: Type.String(), name: Type.String() })
type Route = { Params: Static<typeof Params> }
type FunctionRequest = FastifyRequest<Route>

const path = "/api/apps/:app/functions/:name"
const methods = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"] as const
/** Calls that run when the server stops, e.g. endless answers, end after this long. */
const shutdownGraceMs = 10_000
/** Anyone may call them: they are the app's own public endpoints. */
const config = { caller: "public", limit: "none" } as const

export function functionRoutes(app: FastifyInstance, services: Services): void {
  // In a context of its own: bodies are neither parsed nor kept.
  app.register(async (scope) => {
    scope.removeAllContentTypeParsers()
    scope.addContentTypeParser("*", (_request, _payload, done) => done(null))
    const running = new Set<AbortController>()
    scope.addHook("preClose", (done) => {
      setTimeout(() => running.forEach((call) => call.abort()), shutdownGraceMs).unref()
      done()
    })
    const handler = (request: FunctionRequest, reply: FastifyReply) => {
      const call = new AbortController()
      running.add(call)
      reply.raw.once("close", () => {
        running.delete(call)
        call.abort()
      })
      return forward(services, request, reply, call.signal)
    }
    const schema = { summary: "Call a backend function", params: Params, response: errorAnswers }
    for (const method of methods) {
      scope.route<Route>({ method, url: path, config, schema, handler, exposeHeadRoute: false })
      scope.route<Route>({
        method,
        url: `${path}/*`,
        config,
        schema: { ...schema, hide: true },
        handler,
        exposeHeadRoute: false,
      })
    }
  })
}

async function forward(
  services: Services,
  request: FunctionRequest,
  reply: FastifyReply,
  signal: AbortSignal,
): Promise<FastifyReply> {
  const answer = await forwardCall(services, {
    appId: request.params.app,
    method: request.method,
    target: targetOf(request.url),
    headers: request.headers,
    body: hasBody(request) ? request.raw : null,
    signal,
  }).finally(() => {
    // Nobody reads the rest of a body that was answered before its end: the connection ends with the answer.
    if (!request.raw.complete) reply.header("connection", "close")
  })
  return reply
    .code(answer.status)
    .headers({ ...answer.headers, vary: varyOf(answer.headers["vary"]) })
    .send(answer.body)
}

function targetOf(url: string): string {
  const target = /^\/api\/apps\/[^/?]+\/functions(\/.*)$/.exec(url)?.[1]
  if (target === undefined) throw new GrantryError("NOT_FOUND", 404, "There is no such function.")
  return target
}

function hasBody({ headers }: FastifyRequest): boolean {
  const length = headers["content-length"]
  return headers["transfer-encoding"] !== undefined || (length !== undefined && length !== "0")
}

/** Whether a page may read the answer depends on where the page is from. */
function varyOf(answered: string | string[] | undefined): string {
  return [...new Set([answered ?? [], "Origin"].flat())].join(", ")
}
